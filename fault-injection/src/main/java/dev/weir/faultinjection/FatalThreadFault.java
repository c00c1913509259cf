package dev.weir.faultinjection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** The faults of a thread that a server cannot survive. */
public enum FatalThreadFault {
  /** It takes all of the heap. */
  HEAP {
    @Override
    @SuppressWarnings("ModifiedButNotUsed") // it is there to be held
    void run() {
      List<byte[]> held = new ArrayList<>();
      while (true) {
        held.add(new byte[PART_BYTES]);
      }
    }
  },
  /** It takes all memory outside the heap. */
  DIRECT {
    @Override
    @SuppressWarnings("ModifiedButNotUsed") // it is there to be held
    void run() {
      List<ByteBuf> held = new ArrayList<>();
      while (true) {
        held.add(UnpooledByteBufAllocator.DEFAULT.directBuffer(PART_BYTES));
      }
    }
  },
  /** It makes all threads that the system lets it have, at most some thousand. */
  THREADS {
    @Override
    void run() {
      CountDownLatch never = new CountDownLatch(1);
      for (int i = 0; i < THREADS_MAX; i++) {
        Thread thread = new Thread(() -> await(never), "weir-fault");
        thread.setDaemon(true);
        thread.start();
      }
    }
  },
  /** It calls itself without end. */
  STACK {
    @Override
    void run() {
      deeper(0);
    }
  },
  /** It goes on without end, and does nothing else. */
  LOOP {
    @Override
    void run() {
      while (true) {
        Thread.onSpinWait();
      }
    }
  },
  /** It is killed. */
  DEATH {
    @Override
    void run() {
      throw new ThreadDeath();
    }
  };

  private static final int PART_BYTES = 1 << 18;
  private static final int THREADS_MAX = 5_000;

  /** Does it, on the thread that is to. */
  abstract void run();

  private static void await(CountDownLatch never) {
    try {
      never.await();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  @SuppressWarnings("InfiniteRecursion") // that is the fault
  private static int deeper(int depth) {
    return deeper(depth + 1) + 1;
  }

  /** Its name for people and on command lines. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The one of a name. */
  public static Optional<FatalThreadFault> ofWord(String word) {
    return Arrays.stream(values()).filter(one -> one.word().equals(word)).findFirst();
  }
}
