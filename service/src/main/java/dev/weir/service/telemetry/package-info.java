/**
 * Counts, times and spans: {@code Meters} is what the service tells, {@code OpenTelemetryMeters} is
 * the one place that hands it to OpenTelemetry. Thread-safe; recording never blocks and never
 * throws. Depends on the OpenTelemetry API and the JDK; nobody else imports {@code
 * io.opentelemetry}, except {@code app}.
 */
package dev.weir.service.telemetry;
