package io.candlewick.alerts;

import io.candlewick.market.Wire;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The volumes of the newest candles of a series, by start in microseconds since the epoch. */
final class VolumeHistory implements Memory {

  private final TreeMap<Long, BigDecimal> volumes = new TreeMap<>();

  /** Adds a candle or corrects it, and keeps only the newest ones. */
  void put(long startMicros, BigDecimal volume, int keep) {
    volumes.put(startMicros, volume);
    while (volumes.size() > keep) {
      volumes.pollFirstEntry();
    }
  }

  int size() {
    return volumes.size();
  }

  BigDecimal sum() {
    return volumes.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  @Override
  public VolumeHistory copy() {
    VolumeHistory copy = new VolumeHistory();
    copy.volumes.putAll(volumes);
    return copy;
  }

  @Override
  public void write(DataOutputView out) throws IOException {
    out.writeByte(VOLUME_HISTORY);
    out.writeInt(volumes.size());
    for (Map.Entry<Long, BigDecimal> entry : volumes.entrySet()) {
      out.writeLong(entry.getKey());
      Wire.writeDecimal(entry.getValue(), out);
    }
  }

  static VolumeHistory read(DataInputView in) throws IOException {
    VolumeHistory history = new VolumeHistory();
    int size = in.readInt();
    for (int i = 0; i < size; i++) {
      history.volumes.put(in.readLong(), Wire.readDecimal(in));
    }
    return history;
  }
}
