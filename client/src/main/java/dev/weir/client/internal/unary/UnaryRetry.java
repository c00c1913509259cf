package dev.weir.client.internal.unary;

import dev.weir.client.WeirException;
import dev.weir.client.internal.connection.RetryBudget;
import dev.weir.client.internal.connection.ServerChannels;
import dev.weir.client.internal.connection.ServerSelector;
import dev.weir.client.internal.errors.AttemptHistory;
import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.client.internal.threads.ClientLoop;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Makes unary calls: within their deadline, repeated as the service config allows, at whichever
 * server answers. Thread-safe.
 */
public final class UnaryRetry {
  private final ServerSelector servers;
  private final ClientLoop loop;
  private final RetryBudget budget;
  private final RandomGenerator random; // guarded by itself
  private final LongSupplier epochNanos;
  private final ServiceConfig config = ServiceConfig.load();
  private final Set<Call<?, ?>> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * Calls of one client.
   *
   * @param loop its clock counts, and its timer waits
   * @param budget of tries that follow a failed one
   * @param random jitter, of these calls alone
   * @param epochNanos the wall clock, for the record of tries
   */
  public UnaryRetry(
      ServerSelector servers,
      ClientLoop loop,
      RetryBudget budget,
      RandomGenerator random,
      LongSupplier epochNanos) {
    this.servers = servers;
    this.loop = loop;
    this.budget = budget;
    this.random = random;
    this.epochNanos = epochNanos;
  }

  /** Returns the config of a method. */
  MethodConfig policyOf(MethodDescriptor<?, ?> method) {
    return config.policyOf(method);
  }

  /**
   * Makes a call and waits for its answer.
   *
   * @throws WeirException as the last try failed, with the tries before it
   */
  <Q, R> R call(MethodDescriptor<Q, R> method, Q request) {
    return call(method, request, policyOf(method));
  }

  /** The same by a policy of its own. */
  <Q, R> R call(MethodDescriptor<Q, R> method, Q request, MethodConfig policy) {
    CompletableFuture<R> answer = begin(method, request, policy);
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw ErrorTranslator.ofCall(e.getCause());
    } catch (InterruptedException e) {
      answer.cancel(false);
      Thread.currentThread().interrupt();
      throw ErrorTranslator.interrupted();
    }
  }

  /**
   * The same without waiting; completes, if exceptionally then with a WeirException, on a thread
   * that is not to be held up.
   */
  <Q, R> CompletableFuture<R> begin(MethodDescriptor<Q, R> method, Q request, MethodConfig policy) {
    Call<Q, R> call = new Call<>(method, request, policy);
    open.add(call);
    call.answer.whenComplete((answer, failure) -> call.over());
    if (closed) {
      call.answer.completeExceptionally(ErrorTranslator.closed("the client"));
    } else {
      call.attempt();
    }
    return call.answer;
  }

  private long backoffNanos(MethodConfig policy, int failures) {
    synchronized (random) {
      return policy.backoffNanos(failures, random);
    }
  }

  /** Fails what is under way. Idempotent. */
  public void close() {
    closed = true;
    open.forEach(call -> call.answer.completeExceptionally(ErrorTranslator.closed("the client")));
  }

  /** One call over its tries, of which there is one at a time. Owned by whoever the try's at. */
  private final class Call<Q, R> implements StreamObserver<R> {
    private final MethodDescriptor<Q, R> method;
    private final Q request;
    private final MethodConfig policy;
    private final long deadlineNanos;
    private final AttemptHistory attempts = new AttemptHistory(epochNanos);
    private final CompletableFuture<R> answer = new CompletableFuture<>();

    private volatile ClientCall<Q, R> attempt;
    private ServerChannels server;
    private R response;
    private int failures;
    private int reached;
    private boolean budgeted;

    Call(MethodDescriptor<Q, R> method, Q request, MethodConfig policy) {
      this.method = method;
      this.request = request;
      this.policy = policy;
      this.deadlineNanos = loop.nanoTime() + policy.timeout().toNanos();
    }

    private long leftNanos() {
      return deadlineNanos - loop.nanoTime();
    }

    private void attempt() {
      server = servers.present();
      CallOptions options =
          CallOptions.DEFAULT
              .withDeadlineAfter(Math.max(1, leftNanos()), TimeUnit.NANOSECONDS)
              .withExecutor(Runnable::run); // never waits for a thread that looks up names
      attempt = server.unary().newCall(method, options);
      ClientCalls.asyncUnaryCall(attempt, request, this);
    }

    /** There is an answer, or nobody waits for one any more. */
    void over() {
      open.remove(this);
      if (answer.isCancelled()) {
        attempt.cancel("the caller was interrupted", null);
      }
    }

    @Override
    public void onNext(R theResponse) {
      response = theResponse;
    }

    @Override
    public void onCompleted() {
      if (budgeted) {
        budget.giveBack();
      }
      answer.complete(response);
    }

    @Override
    public void onError(Throwable failure) {
      StatusRuntimeException status = statusOf(failure);
      WeirException cause = ErrorTranslator.of(status);
      OptionalLong pushBack = ErrorTranslator.pushBackMillis(status.getTrailers());
      attempts.add(server.address(), cause);
      failures++;
      if (ErrorTranslator.mayReconnect(cause)) {
        servers.leave(server);
      } else if (budgeted) {
        budget.giveBack(); // there is a server, and it answered
      }
      if (mayRepeat(cause, pushBack)) {
        long asked = cause.retryDelay().map(delay -> delay.toNanos()).orElse(0L);
        next(Math.max(asked, backoffNanos(policy, failures)), cause);
      } else {
        giveUp(cause);
      }
    }

    private boolean mayRepeat(WeirException cause, OptionalLong pushBack) {
      if (policy.waitForReady() && ErrorTranslator.isUnreached(cause)) {
        return true;
      }
      reached++;
      boolean forbidden = pushBack.isPresent() && pushBack.getAsLong() < 0;
      String code = Status.fromCodeValue(cause.code()).getCode().name();
      return reached < policy.attemptsMax()
          && !forbidden
          && (cause.retryDelay().isPresent() || policy.retryable().contains(code));
    }

    /** Tries again after a wait, if there is a token then; else waits once more. */
    private void next(long waitNanos, WeirException cause) {
      if (waitNanos >= leftNanos()) {
        giveUp(cause);
        return;
      }
      loop.schedule(
          () -> {
            if (answer.isDone()) {
              return;
            }
            if (budget.tryTake(loop.nanoTime())) {
              budgeted = true;
              attempt();
            } else {
              next(backoffNanos(policy, ++failures), cause);
            }
          },
          waitNanos);
    }

    private void giveUp(WeirException cause) {
      answer.completeExceptionally(attempts.after(cause));
    }

    private StatusRuntimeException statusOf(Throwable failure) {
      return failure instanceof StatusRuntimeException status
          ? status
          : Status.fromThrowable(failure).asRuntimeException();
    }
  }
}
