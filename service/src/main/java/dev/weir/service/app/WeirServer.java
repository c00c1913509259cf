package dev.weir.service.app;

import dev.weir.common.file.DataFiles;
import dev.weir.common.file.NioDataFiles;
import dev.weir.service.app.end.ProcessTerminator;
import dev.weir.service.app.fault.ServerFaults;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.config.ServerConfig;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.rpc.AdminRpc;
import dev.weir.service.rpc.CallBudget;
import dev.weir.service.rpc.CatalogRpc;
import dev.weir.service.rpc.ConnectionUnreadAnswers;
import dev.weir.service.rpc.ExecutorLoops;
import dev.weir.service.rpc.FirstRequestTimeout;
import dev.weir.service.rpc.GrpcServices;
import dev.weir.service.rpc.LibraryCallInterceptor;
import dev.weir.service.rpc.Loops;
import dev.weir.service.rpc.MessageArrivalTracer;
import dev.weir.service.rpc.PartialMessageBudget;
import dev.weir.service.rpc.SessionCallHandler;
import dev.weir.service.session.RequestParser;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.SessionDrainer;
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

  private final WeirService weir;
  private final NettyListener listener;
  private final HealthReporter health = new HealthReporter();
  private final SessionCallHandler calls;
  private final LibraryCallInterceptor foreign;
  private final Server server;
  private final AtomicBoolean closing = new AtomicBoolean();

  private WeirServer(
      WeirService weir,
      NettyListener listener,
      Loops loops,
      ServerFaults faults,
      ServerBuilder<?> builder)
      throws IOException {
    this.weir = weir;
    this.listener = listener;
    ConnectionUnreadAnswers.Bounds unread =
        new ConnectionUnreadAnswers.Bounds(
            weir.context().admission().unsent(),
            weir.clock(),
            TimeUnit.MILLISECONDS.toNanos(weir.config().limits().get(Limit.ANSWER_TIMEOUT_MS)),
            weir.config().limits().get(Limit.READ_BYTES_MAX),
            weir.context().control().retryDelay());
    this.calls =
        new SessionCallHandler(
            loops,
            weir.config().limits().getInt(Limit.ON_READY_THRESHOLD_BYTES),
            weir.config().limits().getInt(Limit.MESSAGE_BYTES_MAX),
            weir.clock(),
            unread);
    this.foreign =
        new LibraryCallInterceptor(
            loops,
            weir.config().limits().getInt(Limit.MESSAGE_BYTES_MAX),
            unread,
            (type, message) -> RequestParser.admit(weir.context(), type, message));
    faults.interceptor().ifPresent(builder::intercept);
    faults.threads(this::thread);
    if (loops.carryCallbacks()) {
      builder.intercept(
          new FirstRequestTimeout(loops, weir.config().limits().get(Limit.OPEN_TIMEOUT_MS)));
    }
    builder.intercept(
        new CallBudget(
            weir.context().admission().budgets().sessions(),
            weir.context().control().retryDelay()));
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
    return start(config, new NioDataFiles());
  }

  /**
   * The same as a process of its own, once the server that has the data directory has left it.
   *
   * @param faults what goes wrong in it on purpose
   * @param end what ends the process when the server cannot go on
   * @throws dev.weir.service.log.DirectoryInUseException if that takes too long
   */
  public static WeirServer start(
      ServerConfig config, ServerFaults faults, StandbyWait standby, ProcessTerminator end)
      throws IOException {
    return start(config, new NioDataFiles(), faults, standby, end);
  }

  /** The same over another way to the disk, such as one that fails on purpose. */
  public static WeirServer start(ServerConfig config, DataFiles files) throws IOException {
    return start(
        config, files, ServerFaults.NONE, StandbyWait.none(), ProcessTerminator.toldOnly());
  }

  private static WeirServer start(
      ServerConfig asked,
      DataFiles files,
      ServerFaults faults,
      StandbyWait standby,
      ProcessTerminator end)
      throws IOException {
    asked.requireSafeListener();
    ServerConfig config = asked.withLimits(faults.limits(asked.limits()));
    if (!faults.isEmpty()) {
      logger.error("This server breaks its promises on purpose, and loses data: {}", faults);
    }
    WeirService weir =
        new WeirService(
            config,
            files,
            OpenTelemetrySetup.fromEnvironment(System.getenv()),
            faults,
            standby,
            end);
    NettyListener listener = null;
    try {
      Budget openFiles = weir.context().admission().budgets().files();
      listener = new NettyListener(config.limits(), openFiles, weir.pools(), end);
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
  private static void undo(Exception failed, WeirService weir, NettyListener listener) {
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
  public static WeirServer start(ServerConfig config, DataFiles files, ServerBuilder<?> builder)
      throws IOException {
    ServerFaults none = ServerFaults.NONE;
    WeirService weir =
        new WeirService(
            config,
            files,
            OpenTelemetrySetup.fromEnvironment(System.getenv()),
            none,
            StandbyWait.none(),
            ProcessTerminator.toldOnly());
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
    ServerContext context = weir.context();
    CatalogRpc catalog =
        new CatalogRpc(
            weir.topics(),
            config.limits(),
            context.control(),
            context.changes(),
            context.admission().requests());
    AdminRpc admin =
        new AdminRpc(
            version(),
            weir.engines().system().name(),
            weir.engines().durabilities(),
            weir.clock().getAsLong(),
            context,
            weir::storage);
    builder
        .addStreamTracerFactory(
            MessageArrivalTracer.factory(
                new PartialMessageBudget(
                    context.admission().budgets().arriving(), context.control().retryDelay()),
                weir.end()::thrown))
        .addService(GrpcServices.publish(context, calls))
        .addService(GrpcServices.subscribe(context, calls, weir.pools().timer()))
        .addService(GrpcServices.catalog(context, calls, catalog))
        .addService(GrpcServices.admin(context, calls, admin))
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

  /** Returns the address on which it listens. */
  public String host() {
    return weir.config().host();
  }

  /** Name of the engine that keeps its topics, unless they choose another durability. */
  public String engine() {
    return weir.engines().system().name();
  }

  /** The port it listens on; -1 for a transport without. */
  public int port() {
    return server.getPort();
  }

  /** Returns the number of open streaming calls. */
  public int sessions() {
    return weir.context().sessions().count();
  }

  /** Returns the options that it was started with. */
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
    SessionDrainer drain = new SessionDrainer(weir.context());
    logger.info("The server drains {} sessions.", drain.sessions());
    CompletableFuture<Void> left = drain.begin();
    try {
      left.get(drain.longest().toMillis() + FLUSH_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      Limits limits = weir.config().limits();
      logger.warn(
          "{} sessions did not leave within {} and {}. The server ends them now.",
          drain.sessions(),
          limits.told(Limit.DRAIN_MS),
          limits.told(Limit.SHUTDOWN_GRACE_MS));
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
    calls.endAll(SessionDrainer.stopping());
    foreign.endAll(SessionDrainer.stopping()); // those who watch health have been told
    try {
      long graceMillis = weir.config().limits().get(Limit.SHUTDOWN_GRACE_MS);
      if (!server.awaitTermination(graceMillis + FLUSH_MILLIS, TimeUnit.MILLISECONDS)) {
        logger.warn(
            "Connections did not end within {}, {} calls are open. The server cuts them now.",
            weir.config().limits().told(Limit.SHUTDOWN_GRACE_MS),
            calls.openCalls());
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
