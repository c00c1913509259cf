package dev.weir.service.app;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.config.ServerConfig;
import dev.weir.service.rpc.NettyLoops;
import io.grpc.ServerBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The Netty listener: our own event loops, and the bounds that are not the library's defaults.
 * Epoll where it can be had, else NIO.
 */
final class Listener {
  /**
   * So many times message_bytes_max, the library cuts the stream, and a client that has had an
   * answer is not told why. Up to there, StreamCalls ends the call with the reason.
   */
  private static final long HARD_STOP = 4;

  /**
   * gRPC's own words, which go to {@code java.util.logging}: a stack trace for each stream whose
   * peer is gone. Held here, because a logger that nobody holds forgets its level.
   */
  private static final Logger TRANSPORT = Logger.getLogger("io.grpc.netty.NettyServerHandler");

  private final EventLoopGroup bosses;
  private final EventLoopGroup workers;
  private final NettyLoops loops;

  Listener(Limits limits) {
    if (TRANSPORT.getLevel() == null) {
      TRANSPORT.setLevel(Level.SEVERE); // a peer that goes away is no news for the operator
    }
    int threads = limits.getInt(Limit.EVENT_LOOP_THREADS);
    int workerThreads = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    bosses = new MultiThreadIoEventLoopGroup(1, Pools.named("weir-accept", false), io());
    workers = new MultiThreadIoEventLoopGroup(workerThreads, Pools.named("weir-loop", true), io());
    loops = new NettyLoops(workers);
  }

  private static IoHandlerFactory io() {
    return Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
  }

  private static ServerChannel gated(Limits limits) {
    ServerChannel channel =
        Epoll.isAvailable() ? new EpollServerSocketChannel() : new NioServerSocketChannel();
    channel.pipeline().addFirst(new ConnectionGate(connectionsMax(limits)));
    return channel;
  }

  private static int connectionsMax(Limits limits) {
    int set = limits.getInt(Limit.CONNECTIONS_MAX);
    if (set > 0) {
      return set;
    }
    return (int) Math.min(Limit.CONNECTIONS_MAX.max(), filesMax() / 4 * 3);
  }

  /** Files and connections that the process may have open. */
  static long filesMax() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : Limit.OPEN_FILES_MAX.max();
  }

  NettyLoops loops() {
    return loops;
  }

  ServerBuilder<?> builder(ServerConfig config) {
    Limits limits = config.limits();
    return NettyServerBuilder.forAddress(new InetSocketAddress(config.host(), config.port()))
        .bossEventLoopGroup(bosses)
        .workerEventLoopGroup(workers)
        .channelFactory(() -> gated(limits))
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

  void close() {
    workers.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    bosses.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
