package dev.weir.service.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerConfigTest {
  private final ServerConfig config = ServerConfig.defaults();

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.1.2.3", "::1", "localhost", "LOCALHOST"})
  void loopback_isDevelopmentModeAndNeedsNoConsent(String host) {
    ServerConfig local = config.withHost(host);
    assertThat(local.developmentMode()).isTrue();
    assertThat(local.reflection()).isTrue();
    assertThat(local.callsPerConnectionMax()).isEqualTo(10_000);
    assertThatCode(local::requireSafeListener).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "10.0.0.1", "weir.example", "localhost.example"})
  void otherMachines_needConsent(String host) {
    ServerConfig open = config.withHost(host);
    assertThat(open.developmentMode()).isFalse();
    assertThat(open.reflection()).isFalse();
    assertThat(open.callsPerConnectionMax()).isEqualTo(100);
    assertThatThrownBy(open::requireSafeListener)
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("host: " + host + " (expected a loopback address")
        .hasMessageContaining("--insecure");
    assertThatCode(() -> open.withInsecure(true).requireSafeListener()).doesNotThrowAnyException();
  }

  @Test
  void configurationFile_endsDevelopmentModeAndMaySetReflection() {
    ServerConfig filed =
        new ServerConfig(
            "127.0.0.1",
            1,
            Path.of("d"),
            false,
            Optional.of(true),
            Limits.defaults(),
            Optional.of(Path.of("weir.yaml")));
    assertThat(filed.developmentMode()).isFalse();
    assertThat(filed.reflection()).isTrue();
  }

  @Test
  void replacedValues_leaveTheRest() {
    Limits limits = Limits.defaults().with(Limit.TOPICS_MAX, 1);
    ServerConfig changed = config.withPort(0).withDataDir(Path.of("x")).withLimits(limits);
    assertThat(changed.port()).isZero();
    assertThat(changed.dataDir()).isEqualTo(Path.of("x"));
    assertThat(changed.limits()).isSameAs(limits);
    assertThat(changed.host()).isEqualTo(config.host());
  }

  @Test
  void portOrHostThatIsNone_isRefused() {
    assertThatThrownBy(() -> config.withPort(65_536))
        .isInstanceOf(ConfigException.class)
        .hasMessage("port: 65536 (expected 0 to 65535)");
    assertThatThrownBy(() -> config.withPort(-1)).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> config.withHost(" ")).isInstanceOf(ConfigException.class);
  }
}
