package dev.weir.service.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
  @TempDir private Path dir;
  private Path file;

  @BeforeEach
  void name() {
    file = dir.resolve("weir.yaml");
  }

  @Test
  void everySetting_isRead() throws IOException {
    ServerConfig config =
        load(
            """
            # a comment
            host: 10.0.0.1
            port: 9000
            data: /var/lib/weir
            insecure: true
            reflection: false
            limits:
              sessions_max: 5
              tail_bytes: 1048576
            """);
    assertThat(config.host()).isEqualTo("10.0.0.1");
    assertThat(config.port()).isEqualTo(9000);
    assertThat(config.dataDir()).isEqualTo(Path.of("/var/lib/weir"));
    assertThat(config.insecure()).isTrue();
    assertThat(config.reflection()).isFalse();
    assertThat(config.limits().get(Limit.SESSIONS_MAX)).isEqualTo(5);
    assertThat(config.limits().get(Limit.TAIL_BYTES)).isEqualTo(1_048_576);
    assertThat(config.limits().get(Limit.TOPICS_MAX)).isEqualTo(Limit.TOPICS_MAX.defaultValue());
    assertThat(config.file()).contains(file);
  }

  @Test
  void emptyFile_isTheDefaultsWithoutDevelopmentMode() throws IOException {
    for (String text : new String[] {"", "# nothing\n", "limits:\n"}) {
      ServerConfig config = load(text);
      assertThat(config.host()).isEqualTo(ServerConfig.defaults().host());
      assertThat(config.limits().get(Limit.TOPICS_MAX)).isEqualTo(10_000);
      assertThat(config.developmentMode()).isFalse();
    }
  }

  @Test
  void unknownNames_areRefusedWithTheirLine() throws IOException {
    refused("host: a\nprot: 1\n", 2, "prot: 1 (expected one of host, port, data, insecure,");
    refused("limits:\n\n  session_max: 5\n", 3, "limits.session_max: 5 (expected a limit of");
    refused("limits:\n  Sessions_Max: 5\n", 2, "limits.Sessions_Max: 5 (expected a limit of");
    refused("tls:\n  key: x\n", 1, "tls: a list or map (expected one of");
  }

  @Test
  void valuesOfTheWrongKind_areRefused() throws IOException {
    refused("port: high\n", 1, "port: high (expected a whole number from 0 to 65535)");
    refused("port: 1.5\n", 1, "port: 1.5 (expected a whole number");
    refused("port: 65536\n", 1, "port: 65536 (expected a whole number from 0 to 65535)");
    refused("port:\n", 1, "port: ");
    refused("host: [a]\n", 1, "host: a list or map (expected a text)");
    refused("host: ''\n", 1, "host:  (expected a text)");
    refused("insecure: 1\n", 1, "insecure: 1 (expected true or false)");
    refused("limits: 5\n", 1, "limits: 5 (expected lines of the form name: value)");
    refused("- host\n", 1, "file: a list or map (expected lines of the form name: value)");
    refused("just words\n", 1, "file: just words (expected lines of the form name: value)");
  }

  @Test
  void limitsOutOfBounds_areRefused() throws IOException {
    refused(
        "limits:\n  sync_threads: 0\n",
        2,
        "limits.sync_threads: 0 (expected a whole number from 1 to 256)");
    refused(
        "limits:\n  sync_threads: 99999999999999999999\n",
        2,
        "limits.sync_threads: 99999999999999999999 (expected");
    refused(
        "limits:\n  tail_records_max: 5000\n",
        2,
        "limits.tail_records_max: 5000 (expected a power of two)");
  }

  @Test
  void limitsThatDisagree_areRefusedWithALine() throws IOException {
    refused(
        "limits:\n  sessions_max: 5\n  message_bytes_max: 33554432\n",
        3,
        "limits.publish_window_bytes: 8388608 (expected at least message_bytes_max");
  }

  @Test
  void sameNameTwice_isRefused() throws IOException {
    assertThatThrownBy(() -> load("port: 1\nport: 2\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(file + ":2: ");
    assertThatThrownBy(() -> load("limits:\n  topics_max: 1\n  topics_max: 2\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(file + ":3: ");
  }

  @Test
  void textThatIsNotYaml_isRefusedWithItsLine() throws IOException {
    assertThatThrownBy(() -> load("port: 1\nhost: 'a\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(file + ":")
        .hasMessageContaining("not YAML");
    assertThatThrownBy(() -> load("port: 1\n---\nport: 2\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("expected one YAML document");
  }

  @Test
  void missingFile_isRefused() {
    assertThatThrownBy(() -> ConfigFile.load(dir.resolve("none.yaml")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("no such file");
    assertThatThrownBy(() -> ConfigFile.load(dir))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("cannot be read");
  }

  private void refused(String text, int line, String message) {
    assertThatThrownBy(() -> load(text))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(file + ":" + line + ": " + message);
  }

  private ServerConfig load(String text) throws IOException {
    return ConfigFile.load(Files.writeString(file, text));
  }
}
