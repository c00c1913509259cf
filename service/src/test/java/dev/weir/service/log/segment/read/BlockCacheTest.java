package dev.weir.service.log.segment.read;

import static dev.weir.service.log.segment.read.BlockCache.BLOCK_BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.common.file.ReadableFile;
import dev.weir.service.core.budget.Budget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BlockCacheTest {
  private final Budget budget = new Budget("catchup_block_bytes", 8 * BLOCK_BYTES); // 5 blocks
  private final BlockCache cache = new BlockCache(budget);
  private final MemoryFile file = new MemoryFile(100 * BLOCK_BYTES);

  private Block use(long number) throws IOException {
    return cache.use("file", file, number, BLOCK_BYTES);
  }

  private void read(long number) throws IOException {
    cache.release(use(number));
  }

  @Test
  void readersOfOneBlock_shareItsMemoryAndOneRead() throws IOException {
    Block first = use(3);
    Block second = use(3);
    assertThat(second).isSameAs(first);
    assertThat(file.reads()).isEqualTo(1);
    assertThat(budget.used()).isEqualTo(BLOCK_BYTES);
    assertThat(first.bytes()[7]).isEqualTo(MemoryFile.at(3L * BLOCK_BYTES + 7));
    assertThat(first.view().get(7)).isEqualTo(first.bytes()[7]);
  }

  @Test
  void fullBudget_takesTheMemoryOfTheLeastRecentlyUsed() throws IOException {
    for (int number = 0; number < 5; number++) {
      read(number);
    }
    read(0); // so that 1 is the oldest
    read(5);
    assertThat(budget.used()).isEqualTo(5 * BLOCK_BYTES);
    int reads = file.reads();
    read(0);
    assertThat(file.reads()).as("still there").isEqualTo(reads);
    read(1);
    assertThat(file.reads()).as("read again").isEqualTo(reads + 1);
    assertThat(budget.refusals()).isZero();
  }

  @Test
  void blockWhoseMemoryWentToOthers_isNotUsedAgainByWhoRemembersIt() throws IOException {
    Block remembered = use(0);
    cache.release(remembered);
    assertThat(remembered.tryUse()).isTrue();
    cache.release(remembered);
    for (int number = 1; number <= 5; number++) {
      read(number);
    }
    assertThat(remembered.tryUse()).isFalse();
    assertThat(remembered.bytes()).as("it keeps no memory alive").isNull();
  }

  @Test
  void allBlocksInUse_readersGoOnWithMemoryThatIsNotKept() throws IOException {
    List<Block> inUse = new ArrayList<>();
    for (int number = 0; number < 7; number++) {
      inUse.add(use(number));
    }
    assertThat(budget.used()).isEqualTo(7 * BLOCK_BYTES);
    assertThat(budget.refusals()).as("each is served").isZero();
    assertThat(inUse.get(6).bytes()[1]).isEqualTo(MemoryFile.at(6L * BLOCK_BYTES + 1));
    inUse.forEach(cache::release);
    assertThat(budget.used()).isEqualTo(5 * BLOCK_BYTES);
  }

  @Test
  void budgetThatOthersUsedUp_leavesEachReaderOneBlock() throws IOException {
    budget.take(8 * BLOCK_BYTES);
    Block block = use(1);
    assertThat(block.loaded()).isEqualTo(BLOCK_BYTES);
    cache.release(block);
    assertThat(budget.used()).isEqualTo(8 * BLOCK_BYTES);
  }

  @Test
  void growingFile_isReadOnlyWhereItGrew_andNeverBeyondWhatIsCommitted() throws IOException {
    MemoryFile active = new MemoryFile(1_000);
    Block block = cache.use("active", active, 0, 600);
    assertThat(block.loaded()).as("not what is being written").isEqualTo(600);
    active.grow(500);
    Block same = cache.use("active", active, 0, 1_500);
    assertThat(same).isSameAs(block);
    assertThat(block.loaded()).isEqualTo(1_500);
    for (int i = 0; i < 1_500; i++) {
      assertThat(block.bytes()[i]).isEqualTo(MemoryFile.at(i));
    }
    assertThat(cache.use("active", active, 0, 900).loaded()).isEqualTo(1_500);
    assertThat(active.reads()).isEqualTo(2);
  }

  @Test
  void failedRead_givesItsUseBack_andTheNextReaderTriesAgain() throws IOException {
    file.fail(1);
    assertThatThrownBy(() -> use(2)).hasMessageContaining("injected");
    Block block = use(2);
    assertThat(block.loaded()).isEqualTo(BLOCK_BYTES);
    cache.release(block);
    for (int number = 10; number < 15; number++) {
      read(number);
    }
    assertThat(block.tryUse()).as("nobody uses it, so it could go").isFalse();
  }

  @Test
  void blocksThatNobodyUsesForSeconds_areGivenBack() throws IOException {
    read(0);
    Block inUse = use(1);
    for (int second = 0; second < 4; second++) {
      cache.tick();
    }
    read(2);
    cache.tick();
    cache.tick();
    assertThat(budget.used()).as("the one in use, and the new one").isEqualTo(2 * BLOCK_BYTES);
    cache.release(inUse);
    for (int second = 0; second < 6; second++) {
      cache.tick();
    }
    assertThat(budget.used()).isZero();
  }

  @Test
  void closedCache_givesBackWhatIsInUseWhenItIsReleased() throws IOException {
    read(0);
    Block inUse = use(1);
    cache.close();
    assertThat(budget.used()).isEqualTo(BLOCK_BYTES);
    cache.release(inUse);
    assertThat(budget.used()).isZero();
    read(5);
    assertThat(budget.used()).as("it keeps nothing any more").isZero();
  }

  /** A file whose reads wait. */
  private static final class SlowFile implements ReadableFile {
    private final CountDownLatch reading = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final AtomicInteger reads = new AtomicInteger();

    @Override
    public int read(ByteBuffer into, long position) {
      reads.incrementAndGet();
      reading.countDown();
      try {
        goOn.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      return into.remaining();
    }

    @Override
    public long size() {
      return Long.MAX_VALUE;
    }

    @Override
    public void close() {}
  }

  @Test
  void readersThatComeWhileABlockIsLoaded_waitForThatOneRead() throws Exception {
    SlowFile slow = new SlowFile();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Block>> readers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        readers.add(threads.submit(() -> cache.use("slow", slow, 0, BLOCK_BYTES)));
      }
      assertThat(slow.reading.await(10, TimeUnit.SECONDS)).isTrue();
      read(7); // who reads another block does not wait
      slow.goOn.countDown();
      for (Future<Block> reader : readers) {
        cache.release(reader.get(10, TimeUnit.SECONDS));
      }
      assertThat(slow.reads).hasValue(1);
      assertThat(budget.used()).isEqualTo(2 * BLOCK_BYTES);
    } finally {
      slow.goOn.countDown();
      threads.shutdownNow();
    }
  }
}
