package dev.weir.client.internal;

import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The per-method deadlines and retries that the contract publishes as a file. Stateless. */
final class ServiceConfig {
  private static final String RESOURCE = "/weir/v1/service_config.json";

  private ServiceConfig() {}

  /** The file in the form that gRPC takes: maps, lists, strings, doubles and booleans. */
  static Map<String, Object> load() {
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
