"""Historical bars into `candles`: a consumer beside the Flink job, for they never pass its watermark."""
