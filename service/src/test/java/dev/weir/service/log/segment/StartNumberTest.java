package dev.weir.service.log.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.log.segment.file.StartNumber;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The start number on a disk that fails. */
final class StartNumberTest {
  private static final Path DIR = Path.of("/data");

  private final SimulatedDisk files = new SimulatedDisk();

  @Test
  void raiseThatTheDiskHasNoRoomFor_leavesTheNumberAndNoFile() throws IOException {
    StartNumber number = StartNumber.read(files, DIR);
    number.raise(4);
    files.failWrite(1, 10);
    assertThatThrownBy(() -> number.raise(0)).isInstanceOf(IOException.class);
    assertThat(files.paths()).containsExactly(DIR.resolve(StartNumber.NAME));
    assertThat(StartNumber.read(files, DIR).number()).isEqualTo(5);
  }
}
