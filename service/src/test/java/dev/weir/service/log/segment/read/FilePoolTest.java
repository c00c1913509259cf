package dev.weir.service.log.segment.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.common.file.ReadableFile;
import dev.weir.service.core.budget.Budget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FilePoolTest {
  private final Budget budget = new Budget("open_files_max", "files", () -> 64L); // 4 to read
  private final Map<Path, MemoryFile> last = new HashMap<>();
  private final List<Path> opened = new ArrayList<>();
  private int descriptors = Integer.MAX_VALUE;
  private final FilePool pool = new FilePool(this::open, budget);

  private ReadableFile open(Path path) throws IOException {
    if (path.toString().equals("gone")) {
      throw new NoSuchFileException("gone");
    }
    if (last.values().stream().filter(file -> !file.closed()).count() >= descriptors) {
      throw new IOException("injected: too many open files");
    }
    opened.add(path);
    last.put(path, new MemoryFile(100));
    return last.get(path);
  }

  private void read(String name) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(4);
    assertThat(pool.file(Path.of(name)).read(into, 2)).isEqualTo(4);
    assertThat(into.get(0)).isEqualTo(MemoryFile.at(2));
  }

  private boolean closed(String name) {
    return last.get(Path.of(name)).closed();
  }

  @Test
  void manyReadersOfAFile_openItOnce() throws IOException {
    for (int i = 0; i < 100; i++) {
      read("a");
      assertThat(pool.file(Path.of("a")).size()).isEqualTo(100);
    }
    assertThat(opened).hasSize(1);
    assertThat(budget.used()).isEqualTo(1);
  }

  @Test
  void moreFilesThanThereAreDescriptors_areOpenedByTurns() throws IOException {
    for (String name : List.of("a", "b", "c", "d", "a", "e")) {
      read(name);
    }
    assertThat(budget.used()).isEqualTo(4);
    assertThat(closed("b")).as("the least recently read").isTrue();
    assertThat(closed("a")).isFalse();
    read("b");
    assertThat(budget.used()).isEqualTo(4);
    assertThat(budget.refusals()).isZero();
  }

  @Test
  void descriptorsThatOthersUsedUp_areMadeByClosingIdleFiles() throws IOException {
    read("a");
    read("b");
    descriptors = 2;
    read("c");
    assertThat(budget.used()).isEqualTo(1);
    descriptors = 0;
    last.values().forEach(MemoryFile::close);
    assertThatThrownBy(() -> read("d")).hasMessageContaining("too many open files");
    assertThat(budget.used()).as("what failed is not counted").isZero();
  }

  @Test
  void deletedFile_isClosedAtOnce() throws IOException {
    read("a");
    pool.forget(Path.of("a"));
    assertThat(closed("a")).isTrue();
    assertThat(budget.used()).isZero();
    assertThatThrownBy(() -> read("gone")).isInstanceOf(NoSuchFileException.class);
    assertThat(budget.used()).isZero();
  }

  @Test
  void fileThatAnInterruptedReaderClosed_isOpenedAgainForTheOthers() throws IOException {
    read("a");
    last.get(Path.of("a")).interrupt();
    read("a");
    assertThat(opened).hasSize(2);
    assertThat(budget.used()).isEqualTo(1);
  }

  @Test
  void filesThatNobodyReadsForSeconds_areClosed() throws IOException {
    read("a");
    for (int second = 0; second < 5; second++) {
      pool.tick();
    }
    assertThat(closed("a")).isFalse();
    read("b");
    pool.tick();
    assertThat(closed("a")).isTrue();
    assertThat(closed("b")).isFalse();
    pool.close();
    assertThat(closed("b")).isTrue();
    assertThat(budget.used()).isZero();
  }
}
