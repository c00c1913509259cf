package dev.weir.service.app;

import dev.weir.service.telemetry.Meters;
import dev.weir.service.telemetry.OpenTelemetryMeters;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.util.Map;

/**
 * OpenTelemetry as the standard OTEL_ environment variables say; without any of them nothing is
 * recorded. Immutable.
 *
 * @param meters what the service records to
 * @param close flushes the exporters; blocks
 */
record OpenTelemetrySetup(Meters meters, Runnable close) {
  /** Reads the environment. */
  static OpenTelemetrySetup fromEnvironment(Map<String, String> environment) {
    if (environment.keySet().stream().noneMatch(name -> name.startsWith("OTEL_"))) {
      return new OpenTelemetrySetup(Meters.NONE, () -> {});
    }
    OpenTelemetrySdk sdk =
        AutoConfiguredOpenTelemetrySdk.builder()
            .addPropertiesSupplier(
                () ->
                    Map.of(
                        "otel.service.name", "weir",
                        "otel.traces.exporter", "none",
                        "otel.metrics.exporter", "none",
                        "otel.logs.exporter", "none"))
            .disableShutdownHook()
            .build()
            .getOpenTelemetrySdk();
    return new OpenTelemetrySetup(new OpenTelemetryMeters(sdk), sdk::close);
  }
}
