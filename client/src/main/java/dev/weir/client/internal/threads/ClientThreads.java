package dev.weir.client.internal.threads;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The owner of every thread, clock and random number of one client, but for its event loop, which
 * it may share with other clients of the process. Thread-safe.
 *
 * <p>All threads are daemons: {@code weir-client-loop} (sessions, sockets, timers), {@code
 * weir-client-callbacks} (futures and listeners of publishers), {@code weir-client-resolver-…}
 * (DNS), {@code weir-client-subscriber-…} (one per subscriber, runs its handler) and {@code
 * weir-client-spool-…} (one per publisher with a spool, writes and reads it).
 */
@SuppressWarnings("JavaLangClash") // The house's word for the owner of threads; nobody needs both.
public final class ClientThreads implements AutoCloseable {
  /** Most publishers and subscribers of one client that may be open at once. */
  public static final int SESSIONS_MAX = 256;

  private static final Logger LOG = LoggerFactory.getLogger(ClientThreads.class);
  private static final int RESOLVER_THREADS_MAX = 2;
  private static final int RESOLVER_QUEUE_MAX = 64;

  private static final SharedEventLoops LOOPS =
      new SharedEventLoops(
          named("weir-client-loop"), java.lang.Runtime.getRuntime()::availableProcessors);

  private final EventLoop eventLoop;
  private final ClientLoop loop;
  private final ThreadPoolExecutor callbacks;
  private final ThreadPoolExecutor resolver;
  private final AtomicInteger subscriberThreads = new AtomicInteger();
  private final AtomicInteger spoolThreads = new AtomicInteger();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final SplittableRandom seeds;

  /** Starts nothing yet; threads start when they are first needed. */
  public ClientThreads(OptionalLong seed) {
    this.eventLoop = LOOPS.enter();
    this.loop = new NettyLoop(eventLoop);
    this.callbacks = pool("weir-client-callbacks", 1, 4 * SESSIONS_MAX);
    this.resolver = pool("weir-client-resolver", RESOLVER_THREADS_MAX, RESOLVER_QUEUE_MAX);
    this.seeds = seed.isPresent() ? new SplittableRandom(seed.getAsLong()) : new SplittableRandom();
  }

  /** The thread that owns the sessions. */
  public ClientLoop loop() {
    return loop;
  }

  /** Runs user code of publishers, one task at a time. Takes one task per session at a time. */
  public Executor callbacks() {
    return callbacks;
  }

  /** Random numbers of one session's back-off, repeatable where the client has a seed. */
  public synchronized RandomGenerator random() {
    return seeds.split();
  }

  /** The wall clock, Unix nanoseconds. */
  public long epochNanos() {
    return TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
  }

  /** Starts the thread of a subscriber. */
  public void startSubscriber(Runnable body) {
    String name = "weir-client-subscriber-" + subscriberThreads.incrementAndGet();
    daemon(body, name).start();
  }

  /** Starts the thread of a publisher's spool. */
  public void startSpool(Runnable body) {
    daemon(body, "weir-client-spool-" + spoolThreads.incrementAndGet()).start();
  }

  public Executor resolver() {
    return resolver;
  }

  /** The client's own loop, which its connections share with its sessions. */
  public EventLoopGroup group() {
    return eventLoop;
  }

  public Class<? extends Channel> channelType() {
    return Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  /** Lets the tasks under way finish; waits for none. */
  @Override
  public void close() {
    // After what sessions have posted to the loop, which has yet to be reported to user code.
    loop.execute(callbacks::shutdown);
    resolver.shutdown();
    if (closed.compareAndSet(false, true)) {
      LOOPS.leave();
    }
  }

  private static ThreadPoolExecutor pool(String name, int threads, int queueMax) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(queueMax),
            named(name));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  private static ThreadFactory named(String name) {
    return body -> daemon(body, name);
  }

  private static Thread daemon(Runnable body, String name) {
    // Netty recycles its objects only on threads of its own kind.
    Thread thread = new FastThreadLocalThread(body, name);
    thread.setDaemon(true);
    return thread;
  }

  /** The event loop of Netty as our loop. Thread-safe. */
  private record NettyLoop(EventLoop eventLoop) implements ClientLoop {
    @Override
    public boolean inLoop() {
      return eventLoop.inEventLoop();
    }

    @Override
    public void execute(Runnable task) {
      try {
        eventLoop.execute(task);
      } catch (RejectedExecutionException e) {
        LOG.debug("a task came after the client was closed", e);
      }
    }

    @Override
    public Timer schedule(Runnable task, long delayNanos) {
      Future<?> future = eventLoop.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
      return () -> future.cancel(false);
    }

    @Override
    public long nanoTime() {
      return System.nanoTime();
    }
  }
}
