package dev.weir.service.app.end;

import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.Slf4JLoggerFactory;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Hears of Errors that Netty and gRPC catch: both go on and only log them, so their loggers are the
 * one place where all of them pass. Immutable; made once for a process, before Netty is used.
 */
public final class LoggedErrorHandler {
  private static final Set<String> NETTY_LEVELS = Set.of("warn", "error");

  /** Logs what fails on a connection below the level that is on otherwise. */
  private static final String CONNECTIONS = "io.grpc.netty.NettyServerHandler";

  /** Those whose records may be kept from handlers: Errors are looked for before. */
  private static final List<String> TRANSPORT =
      List.of(CONNECTIONS, "io.grpc.netty.NettyServerTransport", "io.grpc.netty.NettyServerStream");

  private final Logger grpc = Logger.getLogger("io.grpc");
  private final List<Logger> transport = TRANSPORT.stream().map(Logger::getLogger).toList();

  private LoggedErrorHandler() {}

  /**
   * Tells everything logged that was thrown.
   *
   * @param thrown hears of it on the thread that logs it, before the logger does
   * @return what holds the loggers: one that nobody holds forgets how it was set
   */
  public static LoggedErrorHandler tellTo(Consumer<Throwable> thrown) {
    InternalLoggerFactory.setDefaultFactory(
        new InternalLoggerFactory() {
          @Override
          protected InternalLogger newInstance(String name) {
            return telling(
                ((Slf4JLoggerFactory) Slf4JLoggerFactory.INSTANCE).newInstance(name), thrown);
          }
        });
    LoggedErrorHandler all = new LoggedErrorHandler();
    all.grpc.addHandler(new ErrorHandler(thrown));
    all.transport.forEach(
        logger ->
            logger.setFilter(
                logged -> {
                  tell(logged, thrown);
                  return logged.getLevel().intValue() >= Level.INFO.intValue();
                }));
    Logger.getLogger(CONNECTIONS).setLevel(Level.FINE);
    return all;
  }

  private static void tell(LogRecord logged, Consumer<Throwable> thrown) {
    if (logged.getThrown() != null) {
      thrown.accept(logged.getThrown());
    }
  }

  private static InternalLogger telling(InternalLogger logger, Consumer<Throwable> thrown) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          if (arguments != null && NETTY_LEVELS.contains(method.getName())) {
            tellAny(arguments, thrown);
          }
          return invoke(logger, method, arguments);
        };
    return (InternalLogger)
        Proxy.newProxyInstance(
            InternalLogger.class.getClassLoader(), new Class<?>[] {InternalLogger.class}, handler);
  }

  private static Object invoke(InternalLogger logger, Method method, Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(logger, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static void tellAny(Object[] arguments, Consumer<Throwable> thrown) {
    for (Object argument : arguments) {
      if (argument instanceof Throwable one) {
        thrown.accept(one);
      } else if (argument instanceof Object[] more) {
        tellAny(more, thrown);
      }
    }
  }

  private static final class ErrorHandler extends Handler {
    private final Consumer<Throwable> thrown;

    ErrorHandler(Consumer<Throwable> thrown) {
      this.thrown = thrown;
      setLevel(Level.WARNING);
    }

    @Override
    public void publish(LogRecord logged) {
      if (isLoggable(logged)) {
        tell(logged, thrown);
      }
    }

    @Override
    public void flush() {
      // It keeps nothing.
    }

    @Override
    public void close() {
      // It holds nothing.
    }
  }
}
