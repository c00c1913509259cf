package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.client.internal.batch.PublishBuffer;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The reasons of the client. */
class WeirExceptionTest {
  private static final Pattern ROW = Pattern.compile("^\\| `([A-Z_]+)` \\|", Pattern.MULTILINE);

  @Test
  void reasons_areThoseOfTheDocument() throws IOException {
    Path module = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    String errors = Files.readString(module.getParent().resolve("docs/errors.md"));
    String client = errors.substring(errors.indexOf("## The Java client"));
    List<String> told =
        ROW.matcher(client).results().map((MatchResult row) -> row.group(1)).toList();
    List<String> constants =
        Stream.of(WeirException.class.getFields())
            .filter(field -> Modifier.isStatic(field.getModifiers()))
            .filter(field -> field.getType() == String.class)
            .map(field -> field.getName())
            .toList();
    assertThat(told).containsExactlyInAnyOrderElementsOf(constants);
  }

  @Test
  void moreSensorsThanThereMayBe_areLimitReached_withTheBoundAndTheWayOut() {
    PublisherOptions options = PublisherOptions.builder("t").sensorsMax(1).build();
    PublishBuffer buffer = new PublishBuffer(options, () -> 0, () -> {});
    buffer.sensor(SensorOptions.of("a"));
    assertThatThrownBy(() -> buffer.sensor(SensorOptions.of("b")))
        .hasMessage(
            "LIMIT_REACHED: This publisher has sensorsMax (1) sensors. Raise sensorsMax, or use one"
                + " more publisher.");
  }
}
