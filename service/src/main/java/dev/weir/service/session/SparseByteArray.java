package dev.weir.service.session;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.budget.Budget;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * A byte for each number, such as the id of a sensor, of which few or many are set: pages of bytes,
 * found through blocks of pages, both made before something is first set in them. All of it is
 * charged. Written by one thread; others may read what was set before they were handed the number.
 */
@OwnedBy("event loop")
public final class SparseByteArray {
  private static final int PAGE_BITS = 8;
  private static final int PAGE = 1 << PAGE_BITS;
  private static final int BLOCK_BITS = 7;
  private static final int BLOCK = 1 << BLOCK_BITS;

  private static final int HEADER_BYTES = 16;
  private static final int REFERENCE_BYTES = 4;
  private static final int PAGE_BYTES = HEADER_BYTES + PAGE;
  private static final int BLOCK_BYTES = HEADER_BYTES + REFERENCE_BYTES * BLOCK;

  /** The bytes that the first number in a part of the range takes, but for the list of blocks. */
  public static final int FIRST_BYTES = PAGE_BYTES + BLOCK_BYTES;

  /** A page that is not made yet, which is read as if nothing were set. */
  private static final byte[] NO_PAGE = new byte[PAGE];

  private static final byte[][] NO_BLOCK = new byte[BLOCK][];
  private static final byte[][][] NOTHING = {};

  static {
    Arrays.fill(NO_BLOCK, NO_PAGE);
  }

  private final Budget budget;
  private byte[][][] blocks = NOTHING;
  private long heldBytes;

  /**
   * None is set, and nothing is held.
   *
   * @param budget is charged
   */
  public SparseByteArray(Budget budget) {
    this.budget = budget;
  }

  /** The byte of a number (unsigned); 0 where none is set. */
  public int get(int number) {
    return page(number)[number & PAGE - 1];
  }

  /** Sets a byte; there is room for it. */
  public void set(int number, int value) {
    page(number)[number & PAGE - 1] = (byte) value;
  }

  /** Makes room for some numbers, or for none of them where the budget lacks it. */
  public boolean tryMake(int... numbers) {
    long more = bytesFor(numbers);
    if (more > 0) {
      if (!budget.tryTake(more)) {
        return false;
      }
      heldBytes += more;
      make(numbers);
    }
    return true;
  }

  /** Makes room for some numbers, beyond the end of the budget if it must be. */
  public void makeAnyway(int... numbers) {
    long more = bytesFor(numbers);
    if (more > 0) {
      budget.take(more);
      heldBytes += more;
      make(numbers);
    }
  }

  /** Nothing is charged any more. Harmless when repeated. */
  public void close() {
    budget.giveBack(heldBytes);
    heldBytes = 0;
  }

  private byte[] page(int number) {
    byte[][][] now = blocks;
    int block = block(number);
    return block < now.length ? now[block][pageInBlock(number)] : NO_PAGE;
  }

  private static int block(int number) {
    return number >>> PAGE_BITS + BLOCK_BITS;
  }

  private static int pageInBlock(int number) {
    return number >>> PAGE_BITS & BLOCK - 1;
  }

  @SuppressWarnings("ReferenceEquality") // there is one that stands for those not made
  private boolean isMade(int number) {
    return page(number) != NO_PAGE;
  }

  @SuppressWarnings("ReferenceEquality")
  private boolean isBlockMade(int block) {
    return block < blocks.length && blocks[block] != NO_BLOCK;
  }

  private long bytesFor(int[] numbers) {
    long bytes = 0;
    int length = blocks.length;
    Set<Integer> newPages = Set.of();
    Set<Integer> newBlocks = Set.of();
    for (int number : numbers) {
      if (isMade(number)) {
        continue;
      }
      if (newPages.isEmpty()) {
        newPages = new HashSet<>();
        newBlocks = new HashSet<>();
      }
      if (newPages.add(number >>> PAGE_BITS)) {
        bytes += PAGE_BYTES;
      }
      if (!isBlockMade(block(number)) && newBlocks.add(block(number))) {
        bytes += BLOCK_BYTES;
      }
      length = Math.max(length, lengthFor(block(number)));
    }
    return bytes + listBytes(length) - listBytes(blocks.length);
  }

  /** Depends on nothing else, so that it is the same however many numbers are made at once. */
  private static int lengthFor(int block) {
    return block == 0 ? 1 : Integer.highestOneBit(block) << 1;
  }

  private static long listBytes(int length) {
    return length == 0 ? 0 : HEADER_BYTES + (long) REFERENCE_BYTES * length;
  }

  @SuppressWarnings("ReferenceEquality")
  private void make(int[] numbers) {
    for (int number : numbers) {
      int block = block(number);
      if (block >= blocks.length) {
        int before = blocks.length;
        byte[][][] longer = Arrays.copyOf(blocks, lengthFor(block));
        Arrays.fill(longer, before, longer.length, NO_BLOCK);
        blocks = longer;
      }
      if (blocks[block] == NO_BLOCK) {
        blocks[block] = NO_BLOCK.clone();
      }
      if (blocks[block][pageInBlock(number)] == NO_PAGE) {
        blocks[block][pageInBlock(number)] = new byte[PAGE];
      }
    }
  }
}
