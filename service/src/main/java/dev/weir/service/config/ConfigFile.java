package dev.weir.service.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a {@link ServerConfig} from YAML. Used once per file, by one thread. Every key is known or
 * refused; every refusal reads "file:line: name: value (expected …)".
 */
public final class ConfigFile {
  private static final String KEYS = "one of host, port, data, insecure, reflection, limits";

  private final Path file;
  private final YAMLParser yaml;
  private final Map<Limit, Long> limits = new EnumMap<>(Limit.class);
  private final Map<Limit, Integer> limitLines = new EnumMap<>(Limit.class);
  private final Set<String> seen = new HashSet<>();
  private ServerConfig config = ServerConfig.defaults();
  private Optional<Boolean> reflection = Optional.empty();

  private ConfigFile(Path file, YAMLParser yaml) {
    this.file = file;
    this.yaml = yaml;
  }

  /**
   * Reads a file; what it does not name has its default. A relative {@code data} is relative to the
   * working directory. Blocks on disk.
   *
   * @throws ConfigException if the file is missing or anything in it is not as expected
   */
  public static ServerConfig load(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException missing) {
      throw new ConfigException(file + ": no such file (expected a configuration file in YAML)");
    } catch (IOException unreadable) {
      throw new ConfigException(
          file + ": cannot be read as UTF-8 text: " + unreadable.getMessage());
    }
    try (YAMLParser yaml = new YAMLFactory().createParser(text)) {
      return new ConfigFile(file, yaml).read();
    } catch (JsonProcessingException malformed) {
      JsonLocation at = malformed.getLocation();
      throw new ConfigException(
          file
              + ":"
              + (at == null ? 1 : at.getLineNr())
              + ": not YAML: "
              + malformed.getOriginalMessage().lines().findFirst().orElse(""));
    } catch (IOException impossible) {
      throw new UncheckedIOException("memory does not fail", impossible);
    }
  }

  private ServerConfig read() throws IOException {
    JsonToken first = yaml.nextToken();
    if (first == JsonToken.START_OBJECT) {
      while (yaml.nextToken() == JsonToken.FIELD_NAME) {
        setting(key(""));
      }
    } else if (first != null && first != JsonToken.VALUE_NULL) {
      throw refused("file", "lines of the form name: value");
    }
    if (yaml.nextToken() != null) {
      throw refused("file", "one YAML document");
    }
    return new ServerConfig(
        config.host(),
        config.port(),
        config.dataDir(),
        config.insecure(),
        reflection,
        limits(),
        Optional.of(file));
  }

  private void setting(String name) throws IOException {
    int keyLine = line();
    yaml.nextToken();
    switch (name) {
      case "host" -> config = config.withHost(text(name));
      case "port" -> config = config.withPort((int) number(name, 0, 65_535));
      case "data" -> config = config.withDataDir(Path.of(text(name)));
      case "insecure" -> config = config.withInsecure(flag(name));
      case "reflection" -> reflection = Optional.of(flag(name));
      case "limits" -> readLimits();
      default -> throw refused(keyLine, name, KEYS);
    }
  }

  private void readLimits() throws IOException {
    if (yaml.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    if (yaml.currentToken() != JsonToken.START_OBJECT) {
      throw refused("limits", "lines of the form name: value");
    }
    while (yaml.nextToken() == JsonToken.FIELD_NAME) {
      String name = key("limits.");
      int keyLine = line();
      yaml.nextToken();
      Optional<Limit> known = Limit.ofYamlName(name);
      if (known.isEmpty()) {
        throw refused(keyLine, "limits." + name, "a limit of docs/limits.md");
      }
      Limit limit = known.get();
      long value = number("limits." + name, limit.min(), limit.max());
      Optional<String> problem = Limits.problem(limit, value);
      if (problem.isPresent()) {
        throw new ConfigException(file + ":" + keyLine + ": limits." + problem.get());
      }
      limits.put(limit, value);
      limitLines.put(limit, keyLine);
    }
  }

  /** Limits that are sound by themselves may still disagree with one another. */
  private Limits limits() {
    try {
      return Limits.of(limits);
    } catch (IllegalArgumentException disagreement) {
      int line =
          limitLines.entrySet().stream()
              .filter(at -> disagreement.getMessage().contains(at.getKey().yamlName()))
              .mapToInt(Map.Entry::getValue)
              .max()
              .orElse(1);
      throw new ConfigException(file + ":" + line + ": limits." + disagreement.getMessage());
    }
  }

  private String key(String prefix) throws IOException {
    String name = yaml.currentName();
    if (!seen.add(prefix + name)) {
      throw refused(line(), prefix + name, "each name once");
    }
    return name;
  }

  private String text(String name) throws IOException {
    if (!yaml.currentToken().isScalarValue() || yaml.getText().isBlank()) {
      throw refused(name, "a text");
    }
    return yaml.getText();
  }

  private boolean flag(String name) throws IOException {
    if (!yaml.currentToken().isBoolean()) {
      throw refused(name, "true or false");
    }
    return yaml.getBooleanValue();
  }

  private long number(String name, long min, long max) throws IOException {
    String expected = "a whole number from " + min + " to " + max;
    if (yaml.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw refused(name, expected);
    }
    BigInteger value = yaml.getBigIntegerValue();
    if (value.bitLength() > 63 || value.longValue() < min || value.longValue() > max) {
      throw refused(name, expected);
    }
    return value.longValue();
  }

  private int line() {
    return yaml.currentTokenLocation().getLineNr();
  }

  private ConfigException refused(String name, String expected) throws IOException {
    return refused(line(), name, expected);
  }

  private ConfigException refused(int line, String name, String expected) throws IOException {
    String value = yaml.currentToken().isScalarValue() ? yaml.getText() : "a list or map";
    return new ConfigException(
        String.format("%s:%d: %s: %s (expected %s)", file, line, name, value, expected));
  }
}
