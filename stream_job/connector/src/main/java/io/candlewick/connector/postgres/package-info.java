/**
 * A table sink that writes to PostgreSQL by COPY, several times faster than row by row.
 *
 * <p>It is at-least-once and every write is idempotent: a row that is there already is left alone,
 * or replaced only by one with a higher guard. Together that is effectively once.
 */
package io.candlewick.connector.postgres;
