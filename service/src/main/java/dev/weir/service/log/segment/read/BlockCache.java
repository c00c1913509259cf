package dev.weir.service.log.segment.read;

import dev.weir.common.file.ReadableFile;
import dev.weir.service.core.budget.Budget;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Parts of files that readers share, within a budget; the least recently used goes first, and what
 * nobody used for some seconds goes too. Thread-safe.
 *
 * <p>A block has {@value #BLOCK_BYTES} bytes: large enough that a read from the disk is mostly
 * bytes and not its call, small enough that what one delivery leaves unread of its last block is
 * little, and that the smallest budget still has a block for every reader at work. Where all blocks
 * are in use and the budget is used up, a reader gets memory that is not kept: one block for each
 * thread that reads is what the budget can be exceeded by.
 */
public final class BlockCache {
  /** Bytes of one block. */
  public static final int BLOCK_BYTES = 1 << 16;

  /** So many eighths of the budget are for blocks; others keep indexes and records in the rest. */
  private static final int EIGHTHS = 5;

  private static final int IDLE_TICKS = 5;

  private record Key(Object file, long number) {}

  private final Budget budget;
  private final Map<Key, Block> blocks = new LinkedHashMap<>(16, 0.75f, true); // guarded by this
  private long tick; // guarded by this
  private boolean closed; // guarded by this

  /** A cache without blocks, in a budget of bytes that others may use too. */
  public BlockCache(Budget budget) {
    this.budget = budget;
  }

  /**
   * Uses a block, loaded up to some byte if the file has so many. Blocks on disk; those who want
   * the same block wait for one read.
   *
   * @param of stands for the file, by equals: another one where its bytes may have changed
   * @param number of the block in the file, from 0
   * @param wanted bytes from the block's beginning, which the file will not change any more
   * @return to be given to {@link #release} once
   */
  public Block use(Object of, ReadableFile file, long number, int wanted) throws IOException {
    Block block = find(new Key(of, number));
    boolean done = false;
    try {
      block.load(file, number * BLOCK_BYTES, wanted);
      done = true;
      return block;
    } finally {
      if (!done) {
        release(block);
      }
    }
  }

  private synchronized Block find(Key key) {
    Block block = blocks.get(key);
    if (block == null || !block.tryUse()) {
      block = make();
      if (block.cached()) {
        blocks.put(key, block);
      }
    }
    block.usedAtTick(tick);
    return block;
  }

  /** Guarded by this. */
  private Block make() {
    boolean room = !closed && (blocks.size() + 1L) * BLOCK_BYTES <= budget.max() / 8 * EIGHTHS;
    if (room && budget.takeIfFree(BLOCK_BYTES)) {
      return allocate(true);
    }
    for (Iterator<Block> eldest = blocks.values().iterator(); eldest.hasNext(); ) {
      byte[] memory = eldest.next().drop();
      if (memory != null) {
        eldest.remove();
        return new Block(memory, true);
      }
    }
    budget.take(BLOCK_BYTES); // each reader is served
    return allocate(false);
  }

  /** Allocates what was taken. */
  private Block allocate(boolean cached) {
    Block made = null;
    try {
      made = new Block(new byte[BLOCK_BYTES], cached);
      return made;
    } finally {
      if (made == null) {
        budget.giveBack(BLOCK_BYTES);
      }
    }
  }

  /** Ends a use. */
  public void release(Block block) {
    if (block.unuse() && !block.cached()) {
      giveBack(block);
    }
  }

  private boolean giveBack(Block block) {
    boolean dropped = block.drop() != null; // by one thread only
    if (dropped) {
      budget.giveBack(BLOCK_BYTES);
    }
    return dropped;
  }

  /** Gives back what was not used for {@value #IDLE_TICKS} ticks; called about once a second. */
  public synchronized void tick() {
    tick++;
    Iterator<Block> eldest = blocks.values().iterator();
    while (eldest.hasNext()) {
      Block block = eldest.next();
      if (block.usedAtTick() + IDLE_TICKS >= tick) {
        return;
      }
      if (giveBack(block)) {
        eldest.remove();
      }
    }
  }

  /** Gives everything back, what is in use when it is released. */
  public synchronized void close() {
    closed = true;
    for (Block block : blocks.values()) {
      block.uncache();
      giveBack(block);
    }
    blocks.clear();
  }
}
