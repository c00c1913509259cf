package dev.weir.service.session.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.session.TestServerContext;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.GetLatestResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Calls for last values while they wait. */
class LatestQueryTest {
  private final TestServerContext context =
      new TestServerContext(Limits.defaults().with(Limit.SESSIONS_MAX, 2));
  private final LatestQuery query = new LatestQuery(context.context, context.loop::schedule);

  private CompletableFuture<GetLatestResponse> ask(String topic) {
    return query.answer(Caller.of("test"), GetLatestRequest.newBuilder().setTopic(topic).build());
  }

  private ErrorCode refusal(String topic) {
    return catchThrowableOfType(FaultException.class, () -> ask(topic)).fault().code();
  }

  @Test
  void callThatNobodyWaitsFor_givesItsPlaceBack_andIsForgotten() {
    context.topic("t", 2);
    CompletableFuture<GetLatestResponse> page = ask("t");
    assertThat(context.sessions.count()).isEqualTo(1);
    assertThat(page.cancel(false)).isTrue();
    assertThat(context.sessions.count()).isZero();
    assertThat(context.loop.timers()).as("it waits for nothing").isZero();
    context.run();
    assertThat(context.sessions.count()).isZero();
    assertThat(ask("t")).isNotDone();
  }

  private static GetLatestRequest.Builder selecting(String glob) {
    GetLatestRequest.Builder request = GetLatestRequest.newBuilder().setTopic("t");
    request.getSelectorBuilder().addGlobs(glob);
    return request;
  }

  @Test
  void callThatNobodyWaitsFor_isForgotten_whileItsSelectorIsCompiled() {
    context.topic("t", 2);
    var page = query.answer(Caller.of("test"), selecting("a/*").build());
    var other = query.answer(Caller.of("test"), selecting("a/*").build());
    assertThat(context.context.selections().waiting()).isEqualTo(2);
    page.cancel(false);
    assertThat(context.context.selections().waiting()).isEqualTo(1);
    assertThat(context.sessions.count()).isEqualTo(1);
    context.run();
    assertThat(other).isCompleted();
  }

  @Test
  void wrongPage_isRefused_beforeItsSelectorIsCompiled() {
    context.topic("t", 2);
    for (var wrong :
        List.of(selecting("a/*").setPageToken("x"), selecting("a/*").setPageSize(-1))) {
      Fault refused =
          catchThrowableOfType(
                  FaultException.class, () -> query.answer(Caller.of("test"), wrong.build()))
              .fault();
      assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }
    assertThat(context.context.selections().size()).isZero();
    assertThat(context.sessions.count()).isZero();
  }

  @Test
  void callsThatWait_areNoMoreThanTheServerHasPlaces() {
    context.topic("t", 1);
    CompletableFuture<GetLatestResponse> first = ask("t");
    CompletableFuture<GetLatestResponse> second = ask("t");
    assertThat(context.sessions.count()).isEqualTo(2);
    assertThat(refusal("t")).isEqualTo(ErrorCode.OVERLOADED);
    context.run();
    assertThat(first).isCompleted();
    assertThat(second).isCompleted();
    assertThat(context.sessions.count()).as("places taken").isZero();
    assertThat(refusal("other")).isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
    assertThat(context.sessions.count()).isZero();
  }
}
