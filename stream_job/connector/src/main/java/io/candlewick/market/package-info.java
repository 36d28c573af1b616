/**
 * The hot path of the market-data job: events decoded from bytes, combined per symbol and minute,
 * and kept as candles until nothing can change them any more.
 *
 * <p>Times are microseconds or milliseconds since the epoch, UTC, as each name says. Prices and
 * sizes are exact decimals from the wire to the database.
 */
package io.candlewick.market;
