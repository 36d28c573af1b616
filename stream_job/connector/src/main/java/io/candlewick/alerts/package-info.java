/**
 * Alert rules: read from PostgreSQL while the job runs, broadcast, and decided on events and
 * candles.
 *
 * <p>What each kind of rule means is said by its condition, such as {@link
 * io.candlewick.alerts.PriceCross}. Conditions are plain classes without Flink: they are given
 * values in the order of time, and what they remember is a {@link io.candlewick.alerts.Memory}.
 */
package io.candlewick.alerts;
