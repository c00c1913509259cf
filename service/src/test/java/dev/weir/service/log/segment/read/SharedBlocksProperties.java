package dev.weir.service.log.segment.read;

import static dev.weir.service.log.segment.read.BlockCache.BLOCK_BYTES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.budget.Budget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Whatever readers do and whatever fails, what is held is counted, bounded and given back. */
class SharedBlocksProperties {
  private static final int FILES = 3;

  @Property(tries = 200)
  void blocksHeld_areCounted_andTheBudgetIsExceededByWhatIsInUseOnly(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 12) int budgetBlocks) throws IOException {
    Random random = new Random(seed);
    Budget budget = new Budget("catchup_block_bytes", (long) budgetBlocks * BLOCK_BYTES);
    BlockCache cache = new BlockCache(budget);
    List<MemoryFile> files = new ArrayList<>();
    for (int i = 0; i < FILES; i++) {
      files.add(new MemoryFile(random.nextInt(4 * BLOCK_BYTES)));
    }
    List<Block> inUse = new ArrayList<>();
    for (int step = 0; step < 150; step++) {
      int n = random.nextInt(FILES);
      switch (random.nextInt(8)) {
        case 0 -> files.get(n).grow(random.nextInt(BLOCK_BYTES));
        case 1 -> files.get(n).fail(random.nextInt(3));
        case 2 -> cache.tick();
        case 3, 4 -> {
          if (!inUse.isEmpty()) {
            cache.release(inUse.remove(random.nextInt(inUse.size())));
          }
        }
        default -> use(cache, files.get(n), n, random, inUse);
      }
      Set<Block> different = new HashSet<>(inUse);
      assertThat(budget.used()).isGreaterThanOrEqualTo((long) different.size() * BLOCK_BYTES);
      assertThat(budget.used())
          .as("step %d, seed %d", step, seed)
          .isLessThanOrEqualTo(
              Math.max(budget.max() / 8 * 5, (long) different.size() * BLOCK_BYTES)
                  + (long) different.size() * BLOCK_BYTES);
    }
    cache.close();
    inUse.forEach(cache::release);
    assertThat(budget.used()).as("seed %d", seed).isZero();
  }

  private static void use(
      BlockCache cache, MemoryFile file, int n, Random random, List<Block> inUse) {
    long number = random.nextInt(5);
    long start = number * BLOCK_BYTES;
    int there = (int) Math.max(0, Math.min(BLOCK_BYTES, file.size() - start));
    int wanted = random.nextInt(there + 1);
    try {
      Block block = cache.use(n, file, number, wanted);
      inUse.add(block);
      assertThat(block.loaded()).isGreaterThanOrEqualTo(wanted);
      for (int i = 0; i < block.loaded(); i += 997) {
        assertThat(block.bytes()[i]).isEqualTo(MemoryFile.at(start + i));
      }
    } catch (IOException injected) {
      assertThat(injected).hasMessageContaining("injected");
    }
  }

  @Property(tries = 200)
  void filesOpen_areCounted_boundedAndClosed(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 160) int budgetFiles) throws IOException {
    Random random = new Random(seed);
    Budget budget = new Budget("open_files_max", "files", () -> budgetFiles);
    List<MemoryFile> opened = new ArrayList<>();
    Map<Path, Boolean> failing = new HashMap<>();
    FilePool pool =
        new FilePool(
            path -> {
              if (failing.getOrDefault(path, false)) {
                throw new IOException("injected: open failed");
              }
              MemoryFile file = new MemoryFile(1_000);
              file.fail(random.nextInt(6) == 0 ? 1 : 0);
              opened.add(file);
              return file;
            },
            budget);
    for (int step = 0; step < 200; step++) {
      Path path = Path.of("f" + random.nextInt(30));
      switch (random.nextInt(8)) {
        case 0 -> pool.forget(path);
        case 1 -> pool.tick();
        case 2 -> failing.put(path, random.nextBoolean());
        case 3 ->
            opened.stream()
                .skip(random.nextInt(opened.size() + 1))
                .findFirst()
                .ifPresent(MemoryFile::interrupt);
        default -> read(pool, path);
      }
      long open = opened.stream().filter(file -> !file.closed()).count();
      assertThat(pool.open()).isGreaterThanOrEqualTo((int) open);
      assertThat(budget.used()).isEqualTo(pool.open());
      assertThat(budget.used())
          .as("step %d, seed %d", step, seed)
          .isLessThanOrEqualTo(Math.max(1, Math.max(4, budgetFiles / 16)));
    }
    pool.close();
    assertThat(opened).allMatch(MemoryFile::closed);
    assertThat(budget.used()).as("seed %d", seed).isZero();
  }

  private static void read(FilePool pool, Path path) {
    ByteBuffer into = ByteBuffer.allocate(10);
    try {
      assertThat(pool.file(path).read(into, 5)).isEqualTo(10);
      assertThat(into.get(9)).isEqualTo(MemoryFile.at(14));
    } catch (IOException injected) {
      assertThat(injected).hasMessageContaining("injected");
    }
  }
}
