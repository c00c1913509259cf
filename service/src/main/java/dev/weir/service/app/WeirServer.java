package dev.weir.service.app;

import dev.weir.service.app.end.ProcessEnd;
import dev.weir.service.app.fault.Faults;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.config.ServerConfig;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.log.segment.Files;
import dev.weir.service.log.segment.RealFiles;
import dev.weir.service.rpc.AdminRpc;
import dev.weir.service.rpc.Arriving;
import dev.weir.service.rpc.CallBudget;
import dev.weir.service.rpc.CatalogRpc;
import dev.weir.service.rpc.ExecutorLoops;
import dev.weir.service.rpc.FirstMessage;
import dev.weir.service.rpc.ForeignCalls;
import dev.weir.service.rpc.Loops;
import dev.weir.service.rpc.MessageProgress;
import dev.weir.service.rpc.Services;
import dev.weir.service.rpc.StreamCalls;
import dev.weir.service.rpc.Unread;
import dev.weir.service.session.Desk;
import dev.weir.service.session.Drain;
import dev.weir.service.session.RequestBounds;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running server: the service behind one gRPC listener. Thread-safe. */
public final class WeirServer implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(WeirServer.class);
  private static final int IN_PROCESS_LOOPS = 2;

  /** Time for a call's last words to be written when its own time is over. */
  private static final int FLUSH_MILLIS = 500;

  private final Weir weir;
  private final Listener listener;
  private final Health health = new Health();
  private final StreamCalls calls;
  private final ForeignCalls foreign;
  private final Server server;
  private final AtomicBoolean closing = new AtomicBoolean();

  private WeirServer(
      Weir weir, Listener listener, Loops loops, Faults faults, ServerBuilder<?> builder)
      throws IOException {
    this.weir = weir;
    this.listener = listener;
    Unread.Bounds unread =
        new Unread.Bounds(
            weir.desk().admission().unsent(),
            weir.clock(),
            TimeUnit.MILLISECONDS.toNanos(weir.config().limits().get(Limit.ANSWER_TIMEOUT_MS)),
            weir.config().limits().get(Limit.READ_BYTES_MAX),
            weir.desk().control().retryDelay());
    this.calls =
        new StreamCalls(
            loops,
            weir.config().limits().getInt(Limit.ON_READY_THRESHOLD_BYTES),
            weir.config().limits().getInt(Limit.MESSAGE_BYTES_MAX),
            weir.clock(),
            unread);
    this.foreign =
        new ForeignCalls(
            loops,
            weir.config().limits().getInt(Limit.MESSAGE_BYTES_MAX),
            unread,
            (type, message) -> RequestBounds.admit(weir.desk(), type, message));
    faults.interceptor().ifPresent(builder::intercept);
    faults.threads(this::thread);
    if (loops.carryCallbacks()) {
      builder.intercept(new FirstMessage(loops, weir.config().limits().get(Limit.OPEN_TIMEOUT_MS)));
    }
    builder.intercept(
        new CallBudget(
            weir.desk().admission().budgets().sessions(), weir.desk().control().retryDelay()));
    this.server = withServices(builder).build().start();
    health.serving(
        server.getServices().stream().map(each -> each.getServiceDescriptor().getName()).toList());
    weir.watchStorage(health);
    weir.watchThreads(health, listener == null ? List.of() : listener.prompt());
  }

  /**
   * Starts a server; it is serving when this returns. Blocks until the log is recovered.
   *
   * @throws dev.weir.service.config.ConfigException if the listener is not safe as configured
   * @throws IOException if the log or the port cannot be had
   */
  public static WeirServer start(ServerConfig config) throws IOException {
    return start(config, new RealFiles());
  }

  /** The same, with what is to go wrong on purpose. */
  public static WeirServer start(ServerConfig config, Faults faults) throws IOException {
    return start(config, faults, Standby.none(), ProcessEnd.toldOnly());
  }

  /**
   * The same as a process of its own, once the server that has the data directory has left it.
   *
   * @param end what ends the process when the server cannot go on
   * @throws dev.weir.service.log.segment.DirectoryInUseException if that takes too long
   */
  public static WeirServer start(
      ServerConfig config, Faults faults, Standby standby, ProcessEnd end) throws IOException {
    return start(config, new RealFiles(), faults, standby, end);
  }

  /** The same over another way to the disk, such as one that fails on purpose. */
  public static WeirServer start(ServerConfig config, Files files) throws IOException {
    return start(config, files, Faults.none(), Standby.none(), ProcessEnd.toldOnly());
  }

  private static WeirServer start(
      ServerConfig asked, Files files, Faults faults, Standby standby, ProcessEnd end)
      throws IOException {
    asked.requireSafeListener();
    ServerConfig config = asked.withLimits(faults.limits(asked.limits()));
    if (!faults.isEmpty()) {
      logger.error("this server breaks its promises on purpose, and loses data: {}", faults);
    }
    Weir weir =
        new Weir(config, files, Telemetry.fromEnvironment(System.getenv()), faults, standby, end);
    Listener listener = null;
    try {
      Budget openFiles = weir.desk().admission().budgets().files();
      listener = new Listener(config.limits(), openFiles, weir.pools(), end);
      return new WeirServer(weir, listener, listener.loops(), faults, listener.builder(config));
    } catch (IOException | RuntimeException failed) {
      undo(failed, weir, listener);
      throw failed;
    }
  }

  private Executor thread(String name) {
    Executor loop = listener == null ? null : listener.named(name);
    return loop == null ? weir.pools().named(name) : loop;
  }

  /** Gives back what a start that failed had taken; that reason is the one told. */
  private static void undo(Exception failed, Weir weir, Listener listener) {
    if (listener != null) {
      listener.close();
    }
    try {
      weir.close();
    } catch (IOException | RuntimeException also) {
      failed.addSuppressed(also);
    }
  }

  /**
   * Starts a server behind another transport, such as in-process: callbacks are posted to event
   * loops of its own, so the builder may use any executor.
   */
  public static WeirServer start(ServerConfig config, Files files, ServerBuilder<?> builder)
      throws IOException {
    Faults none = Faults.none();
    Weir weir =
        new Weir(
            config,
            files,
            Telemetry.fromEnvironment(System.getenv()),
            none,
            Standby.none(),
            ProcessEnd.toldOnly());
    var executors = new ArrayList<ScheduledExecutorService>();
    for (int i = 0; i < IN_PROCESS_LOOPS; i++) {
      executors.add(weir.pools().scheduled("weir-loop-" + i));
    }
    try {
      return new WeirServer(weir, null, new ExecutorLoops(executors), none, builder);
    } catch (IOException | RuntimeException failed) {
      undo(failed, weir, null);
      throw failed;
    }
  }

  @SuppressWarnings("deprecation") // older grpcurl and clients ask for reflection v1alpha
  private ServerBuilder<?> withServices(ServerBuilder<?> builder) {
    ServerConfig config = weir.config();
    Desk desk = weir.desk();
    CatalogRpc catalog =
        new CatalogRpc(
            weir.topics(),
            config.limits(),
            desk.control(),
            desk.changes(),
            desk.admission().requests());
    AdminRpc admin =
        new AdminRpc(
            version(), weir.engine().name(), weir.clock().getAsLong(), desk, weir::storage);
    builder
        .addStreamTracerFactory(
            MessageProgress.factory(
                new Arriving(desk.admission().budgets().arriving(), desk.control().retryDelay()),
                weir.end()::thrown))
        .addService(Services.publish(desk, calls))
        .addService(Services.subscribe(desk, calls, weir.pools().timer()))
        .addService(Services.catalog(desk, calls, catalog))
        .addService(Services.admin(desk, calls, admin))
        .addService(foreign.with(health.service()));
    if (config.reflection()) {
      builder
          .addService(foreign.with(ProtoReflectionServiceV1.newInstance()))
          .addService(foreign.with(ProtoReflectionService.newInstance()));
    }
    return builder;
  }

  /** Version of Weir, or "dev" outside a build. */
  public static String version() {
    String version = WeirServer.class.getPackage().getImplementationVersion();
    return version == null ? "dev" : version;
  }

  /** Where it listens. */
  public String host() {
    return weir.config().host();
  }

  /** The port it listens on; -1 for a transport without. */
  public int port() {
    return server.getPort();
  }

  /** How many streaming calls are open. */
  public int sessions() {
    return weir.desk().sessions().count();
  }

  /** What it was started with. */
  public ServerConfig config() {
    return weir.config();
  }

  /**
   * How long {@link #drain()} and {@link #close()} may take together: {@code drain_ms}, twice
   * {@code shutdown_grace_ms}, and {@code shutdown_rest_ms}.
   */
  public Duration stopLongest() {
    Limits limits = weir.config().limits();
    return Duration.ofMillis(
        limits.get(Limit.DRAIN_MS)
            + 2 * limits.get(Limit.SHUTDOWN_GRACE_MS)
            + limits.get(Limit.SHUTDOWN_REST_MS));
  }

  /** Blocks until the server has stopped. */
  public void awaitTermination() throws InterruptedException {
    server.awaitTermination();
  }

  /**
   * Makes the sessions leave, so that {@link #close()} disturbs nobody: health is NOT_SERVING, new
   * sessions are refused with SHUTTING_DOWN and a delay, and each open one is asked to go at a time
   * of its own. Unary calls are answered as before. Blocks until all have left, at most for {@code
   * drain_ms} and {@code shutdown_grace_ms}; once.
   */
  public void drain() throws InterruptedException {
    health.ending();
    Drain drain = new Drain(weir.desk());
    logger.info("draining {} sessions", drain.sessions());
    CompletableFuture<Void> left = drain.begin();
    try {
      left.get(drain.longest().toMillis() + FLUSH_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      logger.warn("{} sessions did not leave within {}", drain.sessions(), drain.longest());
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("sessions cannot fail to leave", impossible);
    }
  }

  /**
   * Stops at once: takes no new calls, ends the open ones with SHUTTING_DOWN once what was taken of
   * them is answered, and closes the log. Blocks, bounded by {@code shutdown_grace_ms} and the
   * log's last syncs. Harmless when repeated.
   */
  @Override
  public void close() throws IOException {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    health.ending();
    server.shutdown();
    calls.endAll(Drain.stopping());
    foreign.endAll(Drain.stopping()); // those who watch health have been told
    try {
      long graceMillis = weir.config().limits().get(Limit.SHUTDOWN_GRACE_MS);
      if (!server.awaitTermination(graceMillis + FLUSH_MILLIS, TimeUnit.MILLISECONDS)) {
        logger.warn("{} calls did not end within {} ms", calls.openCalls(), graceMillis);
        server.shutdownNow();
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      server.shutdownNow();
    }
    try {
      weir.close();
    } finally {
      if (listener != null) {
        listener.close();
      }
    }
  }
}
