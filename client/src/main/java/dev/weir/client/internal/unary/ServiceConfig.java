package dev.weir.client.internal.unary;

import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The per-method deadlines and retries that the contract publishes as a file. Immutable. */
final class ServiceConfig {
  private static final String RESOURCE = "/weir/v1/service_config.json";

  private final Map<String, MethodConfig> byName = new HashMap<>();

  private ServiceConfig(Map<String, Object> file) {
    for (Object entry : (List<?>) file.get("methodConfig")) {
      Map<?, ?> config = (Map<?, ?>) entry;
      MethodConfig policy = policy(config);
      for (Object each : (List<?>) config.get("name")) {
        Map<?, ?> name = (Map<?, ?>) each;
        Object method = name.get("method");
        byName.put(method == null ? "" + name.get("service") : fullName(name), policy);
      }
    }
  }

  private static String fullName(Map<?, ?> name) {
    return MethodDescriptor.generateFullMethodName(
        "" + name.get("service"), "" + name.get("method"));
  }

  private static MethodConfig policy(Map<?, ?> config) {
    Duration timeout = duration(config.get("timeout"));
    boolean waitForReady = Boolean.TRUE.equals(config.get("waitForReady"));
    if (config.get("retryPolicy") instanceof Map<?, ?> retry) {
      return new MethodConfig(
          timeout,
          waitForReady,
          ((Number) retry.get("maxAttempts")).intValue(),
          duration(retry.get("initialBackoff")),
          duration(retry.get("maxBackoff")),
          ((Number) retry.get("backoffMultiplier")).doubleValue(),
          ((List<?>) retry.get("retryableStatusCodes")).stream().map(String::valueOf).toList());
    }
    return MethodConfig.unrepeated(timeout, waitForReady);
  }

  /** Seconds with a fraction and an "s", as protobuf writes durations in JSON. */
  private static Duration duration(Object text) {
    return text == null
        ? Duration.ZERO
        : Duration.parse("PT" + text.toString().toUpperCase(Locale.ROOT));
  }

  /** The file, understood. */
  static ServiceConfig load() {
    return new ServiceConfig(file());
  }

  /** Returns the config of a method. */
  MethodConfig policyOf(MethodDescriptor<?, ?> method) {
    MethodConfig own = byName.get(method.getFullMethodName());
    MethodConfig policy = own == null ? byName.get(method.getServiceName()) : own;
    if (policy == null) {
      throw new IllegalArgumentException(method.getFullMethodName() + ": not in " + RESOURCE);
    }
    return policy;
  }

  /** The file in the form that gRPC takes: maps, lists, strings, doubles and booleans. */
  static Map<String, Object> file() {
    try (InputStream file = ServiceConfig.class.getResourceAsStream(RESOURCE)) {
      if (file == null) {
        throw new IllegalStateException(RESOURCE + ": missing (expected in the weir-proto jar)");
      }
      Reader text = new InputStreamReader(file, StandardCharsets.UTF_8);
      return new Gson().fromJson(text, new TypeToken<Map<String, Object>>() {}.getType());
    } catch (IOException e) {
      throw new UncheckedIOException(RESOURCE, e);
    }
  }
}
