package dev.weir.service.session.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.session.RequestParser;
import dev.weir.service.session.TestPeer;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.Selector;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import dev.weir.v1.UpdateTopicRequest;
import java.time.Duration;
import java.util.Collections;
import org.junit.jupiter.api.Test;

/** Messages with more in them than there may be, and answers that nobody reads. */
class RequestParserTest extends SubscribeSessionFixture {
  private Budget unsent() {
    return context.context.admission().unsent();
  }

  private void advance(long millis) {
    long nanos = Duration.ofMillis(millis).toNanos();
    context.world.moveClock(nanos);
    context.loop.advance(nanos);
    context.run();
  }

  @Test
  void openWithAsManyEmptySubscriptionsAsFit_isRefusedAsAWhole_andHoldsNothing() {
    with(Limits.defaults(), 1 << 20);
    SubscribeOpen open =
        SubscribeOpen.newBuilder()
            .addAllSubscriptions(Collections.nCopies(450_000, Subscription.getDefaultInstance()))
            .build();
    TestPeer<SubscribeResponse> peer = start();
    peer.send(SubscribeRequest.newBuilder().setOpen(open).build());
    assertThat(peer.failed.code()).isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(peer.failed.message())
        .contains("450000", "1000", Limit.SUBSCRIPTIONS_PER_SESSION_MAX.yamlName());
    assertThat(peer.got).isEmpty();
    peer.close();
    context.run();
    assertThat(unsent().used()).isZero();
    assertThat(context.context.admission().requests().used()).isZero();
    assertThat(context.context.admission().budgets().sessions().used()).isZero();
  }

  @Test
  void groups_areRefusedBeforeTheyAreParsed_howeverSmallTheMessage() {
    with(Limits.defaults(), 1 << 20);
    for (int length : new int[] {198, 1 << 20}) {
      byte[] groups = new byte[length]; // as deep as a parser reads, again and again
      for (int i = 0; i < length; i++) {
        groups[i] = (byte) (i % 198 < 99 ? 0x7B : 0x7C);
      }
      var admitted =
          RequestParser.admit(context.context, GetLatestRequest.getDescriptor(), Slice.of(groups));
      assertThat(admitted.refusal())
          .hasValueSatisfying(fault -> assertThat(fault.code()).isEqualTo(ErrorCode.UNIMPLEMENTED));
      assertThat(context.context.admission().requests().used()).isZero();
    }
  }

  @Test
  void updateWithManyPaths_isRefusedBeforeItIsParsed_andChargesNothing() {
    with(Limits.defaults(), 1 << 20);
    UpdateTopicRequest.Builder update = UpdateTopicRequest.newBuilder();
    update.getUpdateMaskBuilder().addAllPaths(Collections.nCopies(60_000, "labels"));
    var admitted =
        RequestParser.admit(
            context.context,
            UpdateTopicRequest.getDescriptor(),
            Slice.of(update.build().toByteArray()));
    assertThat(admitted.refusal())
        .hasValueSatisfying(
            fault -> {
              assertThat(fault.code()).isEqualTo(ErrorCode.TOO_LARGE);
              assertThat(fault.message())
                  .contains("update_mask.paths", "60000", "update_mask_paths_max");
            });
    assertThat(context.context.admission().requests().used()).isZero();
  }

  @Test
  void selectorWithTooManyNames_isRefusedOnce_andTheSessionGoesOn() {
    with(Limits.defaults(), 1 << 20);
    TestPeer<SubscribeResponse> peer = opened();
    peer.send(
        add(
            all(1)
                .setSelector(Selector.newBuilder().addAllNames(Collections.nCopies(200_000, "")))));
    context.run();
    assertThat(peer.got.get(peer.got.size() - 1).getRefused().getProblem().getMessage())
        .contains("200000", "10000", "selector_names_max");
    assertThat(peer.failed).isNull();
    assertThat(context.context.admission().requests().used()).isZero();
  }

  @Test
  void messagesOfSessions_areRead_whateverUnaryCallsHold() {
    with(Limits.defaults(), 1 << 20);
    Budget requests = context.context.admission().requests();
    requests.take(requests.max());
    var large = Selector.newBuilder().addAllNames(Collections.nCopies(5_000, "a"));
    TestPeer<SubscribeResponse> peer = opened(all(1).setSelector(large));
    peer.send(add(all(2).setSelector(large)));
    context.run();
    assertThat(peer.failed).isNull();
    assertThat(peer.got).noneMatch(SubscribeResponse::hasRefused);
    assertThat(requests.used()).isEqualTo(requests.max());
    assertThat(context.context.admission().streamRequests().used()).isZero();
  }

  @Test
  void messageThatTakesMoreThanThereIsForRequests_isRefused() {
    with(Limits.defaults().with(Limit.REQUEST_BUDGET_BYTES, 100_000), 1 << 20);
    TestPeer<SubscribeResponse> peer = opened();
    peer.send(
        add(
            all(1)
                .setSelector(Selector.newBuilder().addAllNames(Collections.nCopies(5_000, "a")))));
    context.run();
    assertThat(peer.got.get(peer.got.size() - 1).getRefused().getProblem())
        .satisfies(
            problem -> {
              assertThat(problem.getReason()).isEqualTo(ErrorCode.TOO_LARGE.name());
              assertThat(problem.getMessage()).contains("request_budget_bytes", "100000");
            });
  }

  @Test
  void answersThatAreNotRead_areCharged_andEndTheSessionInTime() {
    with(Limits.defaults().with(Limit.ANSWER_TIMEOUT_MS, 1_000), 1 << 20);
    TestPeer<SubscribeResponse> peer = opened();
    peer.ready(false);
    for (int id = 1; id <= 5; id++) {
      peer.send(add(all(id)));
    }
    context.run();
    assertThat(unsent().used()).isGreaterThan(5L * 64);
    advance(999);
    assertThat(peer.failed).isNull();
    advance(2);
    assertThat(peer.failed.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertThat(peer.failed.message()).contains("answer_timeout_ms");
    peer.close();
    context.run();
    assertThat(unsent().used()).isZero();
  }

  @Test
  void sessionWhoseAnswersAreNotRead_isReadNoFurther() {
    with(Limits.defaults(), 1 << 20);
    TestPeer<SubscribeResponse> peer = opened();
    peer.ready(false);
    for (int id = 1; id <= 100; id++) {
      peer.send(ping(id));
    }
    context.run();
    assertThat(peer.requested).isZero();
    assertThat(peer.unsent()).isEqualTo(84);
    peer.ready(true);
    context.run();
    assertThat(peer.unsent()).isZero();
  }
}
