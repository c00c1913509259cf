package dev.weir.service.app;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.weir.service.app.connection.ConnectionCutLog;
import dev.weir.service.app.connection.ConnectionLimiter;
import dev.weir.service.app.connection.FairReadAllocator;
import dev.weir.service.app.connection.FrameFloodGuard;
import dev.weir.service.app.connection.TransportLogFilter;
import dev.weir.service.app.end.ProcessTerminator;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.config.ServerConfig;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.rpc.NettyLoops;
import io.grpc.ServerBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.EventExecutor;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Netty listener: our own event loops, and the bounds that are not the library's defaults.
 * Epoll where it can be had, else NIO.
 */
final class NettyListener {
  /**
   * So many times message_bytes_max, the library cuts the stream, and a client that has had an
   * answer is not told why. Up to there, SessionCallHandler ends the call with the reason.
   */
  private static final long HARD_STOP = 4;

  private static final long CLOSE_MILLIS = 5_000;

  private static final Logger logger = LoggerFactory.getLogger(NettyListener.class);
  private static final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

  /**
   * Files that are in no account: of event loops, the listener and the data directory's lock,
   * directories, and connections that are told why they are refused.
   */
  private static final int OWN_FILES = 64;

  /** So many are counted on whatever the process may have. */
  private static final long FILES_LEAST = 64;

  private final ProcessTerminator end;
  private final Budget files;
  private final ConnectionCutLog cuts = new ConnectionCutLog(System::nanoTime, logger::warn);

  @SuppressWarnings("UnusedVariable") // a logger that nobody holds forgets how it was set
  private final TransportLogFilter words;

  private final EventLoopGroup bosses;
  private final EventLoopGroup workers;
  private final NettyLoops loops;

  private volatile boolean closing;

  /**
   * Makes the loops, with their threads.
   *
   * @param files files and connections that the process has open
   * @param pools makes the threads
   * @param end hears of loops that end before they are closed
   */
  NettyListener(Limits limits, Budget files, ThreadPools pools, ProcessTerminator end) {
    this.end = end;
    this.files = files;
    this.words = new TransportLogFilter(cuts::tell);
    int threads = limits.getInt(Limit.EVENT_LOOP_THREADS);
    int workerThreads = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    BiConsumer<ServiceThread, Throwable> ended =
        (thread, thrown) -> {
          end.thrown(thrown);
          if (!closing) {
            end.died(thread, thrown);
          }
        };
    bosses = new MultiThreadIoEventLoopGroup(1, pools.factory("weir-accept", false, ended), io());
    workers =
        BalancedEventLoop.group(
            workerThreads,
            pools.factory("weir-loop", true, ended),
            io(),
            NettyListener.threads::getCurrentThreadCpuTime);
    start(bosses);
    start(workers);
    loops = new NettyLoops(workers);
  }

  /** A loop has its thread when it gets its first task. */
  private static void start(EventLoopGroup group) {
    group.forEach(loop -> loop.execute(() -> {}));
  }

  /** The processor time of the thread that asks. */
  private static long cpuNanos() {
    return threads.getCurrentThreadCpuTime();
  }

  private static IoHandlerFactory io() {
    return Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
  }

  private ServerChannel gated(Limits limits, FrameFloodGuard.Terms terms) {
    ServerChannel channel =
        Epoll.isAvailable() ? new EpollServerSocketChannel() : new NioServerSocketChannel();
    channel.pipeline().addFirst(new ConnectionLimiter(connectionsMax(limits), files, terms));
    return channel;
  }

  private int connectionsMax(Limits limits) {
    int set = limits.getInt(Limit.CONNECTIONS_MAX);
    if (set > 0) {
      return set;
    }
    return (int) Math.min(Limit.CONNECTIONS_MAX.max(), files.max() / 4 * 3);
  }

  /**
   * Files and connections that the process may have open besides those that it has open now, such
   * as its libraries.
   */
  static long filesLeft() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? Math.max(
            FILES_LEAST,
            unix.getMaxFileDescriptorCount() - unix.getOpenFileDescriptorCount() - OWN_FILES)
        : Limit.OPEN_FILES_MAX.max();
  }

  /** Those that must always answer soon. */
  List<EventExecutor> prompt() {
    List<EventExecutor> all = new ArrayList<>();
    bosses.forEach(all::add);
    workers.forEach(all::add);
    return all;
  }

  /** The loop of a name; null for none. */
  Executor named(String name) {
    if (name.equals("weir-accept")) {
      return bosses.next();
    }
    return name.equals("weir-loop") ? workers.next() : null;
  }

  NettyLoops loops() {
    return loops;
  }

  ServerBuilder<?> builder(ServerConfig config) {
    Limits limits = config.limits();
    FrameFloodGuard.Terms terms =
        new FrameFloodGuard.Terms(limits, System::nanoTime, cuts, end::thrown);
    return NettyServerBuilder.forAddress(new InetSocketAddress(config.host(), config.port()))
        .bossEventLoopGroup(bosses)
        .workerEventLoopGroup(workers)
        .channelFactory(() -> gated(limits, terms))
        .withChildOption(
            ChannelOption.RECVBUF_ALLOCATOR, new FairReadAllocator(NettyListener::cpuNanos))
        .directExecutor()
        .flowControlWindow(limits.getInt(Limit.INBOUND_WINDOW_BYTES))
        .maxInboundMessageSize(
            (int) Math.min(Integer.MAX_VALUE, HARD_STOP * limits.get(Limit.MESSAGE_BYTES_MAX)))
        .maxInboundMetadataSize(limits.getInt(Limit.METADATA_BYTES_MAX))
        .maxConcurrentCallsPerConnection(config.callsPerConnectionMax())
        .maxRstFramesPerWindow(
            limits.getInt(Limit.RST_FRAMES_PER_WINDOW_MAX), limits.getInt(Limit.RST_WINDOW_SECONDS))
        .handshakeTimeout(limits.get(Limit.HANDSHAKE_TIMEOUT_MS), TimeUnit.MILLISECONDS)
        .permitKeepAliveTime(limits.get(Limit.PERMIT_KEEPALIVE_TIME_MS), TimeUnit.MILLISECONDS)
        .permitKeepAliveWithoutCalls(true)
        .maxConnectionIdle(limits.get(Limit.CONNECTION_IDLE_MS_MAX), TimeUnit.MILLISECONDS)
        .keepAliveTime(limits.get(Limit.KEEPALIVE_TIME_MS), TimeUnit.MILLISECONDS)
        .keepAliveTimeout(limits.get(Limit.KEEPALIVE_TIMEOUT_MS), TimeUnit.MILLISECONDS);
  }

  /** Blocks for some seconds at most; a loop that hangs is left alone. */
  void close() {
    closing = true;
    for (EventLoopGroup group : List.of(workers, bosses)) {
      group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(CLOSE_MILLIS);
    }
  }
}
