package dev.weir.service.session.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Timestamps;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.session.ResponseSender;
import dev.weir.service.session.SessionDescription;
import dev.weir.service.session.SessionRegistry;
import dev.weir.service.session.TestPeer;
import dev.weir.service.topic.TestTopics;
import dev.weir.v1.GetSessionRequest;
import dev.weir.v1.GetSessionResponse;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.PublisherState;
import dev.weir.v1.Session;
import dev.weir.v1.UploadOpen;
import dev.weir.v1.UploadRequest;
import dev.weir.v1.UploadResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** What operators see of the open calls, and how they end one. */
class SessionRegistryTest extends PublishSessionFixture {
  private static final long SECOND = 1_000_000_000L;

  private <T> T answer(CompletableFuture<T> later) {
    assertThat(later).as("answered on the session's loop").isNotDone();
    context.run();
    assertThat(later).isDone();
    return later.join();
  }

  private CompletableFuture<GetSessionResponse> describe(String id) {
    var page =
        new SessionDescription(
            GetSessionRequest.newBuilder().setId(id).build(),
            Limits.defaults(),
            context.context.admission().unsent());
    return context.sessions.describe(id, page, () -> true).thenApply(filled -> page.answer());
  }

  private ErrorCode failure(CompletableFuture<?> later) {
    context.run();
    assertThat(later).isCompletedExceptionally();
    try {
      later.join();
    } catch (CompletionException failed) {
      return ((FaultException) failed.getCause()).fault().code();
    }
    return null;
  }

  private TestPeer<UploadResponse> upload(String client) {
    TestPeer<UploadResponse> peer =
        new TestPeer<>(
            context,
            UploadResponse.parser(),
            out -> new UploadCall(context.context, context.loop, out));
    return peer.send(
        UploadRequest.newBuilder()
            .setOpen(UploadOpen.newBuilder().setTopic("t").setProducer("u").setClient(client))
            .build());
  }

  @Test
  void openCalls_areListedInPages() {
    List<TestPeer<?>> peers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      peers.add(opened("", 0));
    }
    peers.add(upload("loader 2"));
    List<String> ids = new ArrayList<>();
    List<String> methods = new ArrayList<>();
    int pages = 0;
    String after = "";
    do {
      SessionRegistry.Page page = context.sessions.page(after, 2);
      page.sessions().forEach(session -> ids.add(session.getId()));
      page.sessions().forEach(session -> methods.add(session.getMethod()));
      after = page.nextAfterId();
      pages++;
    } while (!after.isEmpty());
    assertThat(pages).isEqualTo(3);
    assertThat(ids).hasSize(6).doesNotHaveDuplicates().isSorted();
    assertThat(methods).containsOnlyOnce("Upload").filteredOn("PublishStream"::equals).hasSize(5);
    peers.forEach(TestPeer::close);
    assertThat(context.sessions.page("", 2).sessions()).isEmpty();
  }

  @Test
  void busyLoops_areNotAskedForAPage() {
    opened("", 0);
    start(); // its loop has not run yet

    assertThat(context.sessions.page("", 10).sessions()).hasSize(2);
  }

  @Test
  void publisher_isDescribedAsItStands() {
    PublishStreamRequest.Builder open = open("a", 0).toBuilder();
    open.getOpenBuilder().setClient("robot 1.0");
    TestPeer<PublishStreamResponse> peer = start();
    context.world.moveClock(SECOND);
    peer.send(open.build());
    context.run();
    context.world.moveClock(SECOND);
    log.hold();
    PublishStreamRequest first = rows(1, "x");
    PublishStreamRequest second = rows(2, "longer");
    peer.send(first).send(second);
    peer.ready(false);
    GetSessionResponse shown = answer(describe(peer.last().getOpened().getSession()));
    assertThat(shown.getSession())
        .isEqualTo(
            Session.newBuilder()
                .setId(peer.last().getOpened().getSession())
                .setMethod("PublishStream")
                .setClient("robot 1.0")
                .setPeer("peer")
                .setStartTime(Timestamps.fromNanos(TestTopics.START_NANOS))
                .setLastReceivedTime(Timestamps.fromNanos(TestTopics.START_NANOS + 2 * SECOND))
                .setLastSentTime(Timestamps.fromNanos(TestTopics.START_NANOS + SECOND))
                .build());
    assertThat(shown.getPublisher())
        .isEqualTo(
            PublisherState.newBuilder()
                .setTopic("t")
                .setProducer("a")
                .setEpoch(1)
                .setUnsettledBatches(2)
                .setUnsettledBytes(first.getSerializedSize() + second.getSerializedSize())
                .build());
    peer.ready(true);
    log.release();
    context.run();
    shown = answer(describe(shown.getSession().getId()));
    assertThat(shown.getSession().getPeerReading()).isTrue();
    assertThat(shown.getPublisher().getUnsettledBatches()).isZero();
  }

  @Test
  void callNotOpenYet_isDescribedToo() {
    start();
    Session session = context.sessions.page("", 10).sessions().get(0);
    assertThat(session.hasLastSentTime()).isFalse();
    GetSessionResponse shown = answer(describe(session.getId()));
    assertThat(shown.getPublisher()).isEqualTo(PublisherState.getDefaultInstance());
  }

  @Test
  void upload_isDescribedAsItStands() {
    upload("loader 2");
    Session session = context.sessions.page("", 10).sessions().get(0);
    assertThat(session.getClient()).isEqualTo("loader 2");
    GetSessionResponse shown = answer(describe(session.getId()));
    assertThat(shown.getPublisher().getTopic()).isEqualTo("t");
    assertThat(shown.getPublisher().getProducer()).isEqualTo("u");
  }

  @Test
  void endedSession_isToldWhyAndGone() {
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    TestPeer<PublishStreamResponse> other = opened("b", 0);
    String id = peer.last().getOpened().getSession();
    answer(context.sessions.end(id, Fault.of(ErrorCode.SESSION_ENDED, "maintenance")));
    assertThat(peer.failure()).isEqualTo(ErrorCode.SESSION_ENDED);
    assertThat(peer.failed.message()).isEqualTo("maintenance");
    assertThat(other.ended()).isFalse();
    assertThat(failure(describe(id))).isEqualTo(ErrorCode.SESSION_NOT_FOUND);
    assertThat(failure(context.sessions.end(id, Fault.of(ErrorCode.SESSION_ENDED, "again"))))
        .isEqualTo(ErrorCode.SESSION_NOT_FOUND);
  }

  @Test
  void sessionThatEndsWhileAskedFor_isNotFound() {
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    String id = peer.last().getOpened().getSession();
    CompletableFuture<GetSessionResponse> shown = describe(id);
    CompletableFuture<Void> ended =
        context.sessions.end(id, Fault.of(ErrorCode.SESSION_ENDED, "too late"));
    peer.close();
    assertThat(failure(shown)).isEqualTo(ErrorCode.SESSION_NOT_FOUND);
    assertThat(failure(ended)).isEqualTo(ErrorCode.SESSION_NOT_FOUND);
  }

  @Test
  void sessionThatCannotBeDescribed_failsTheQuestionOnly() {
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    var broken =
        new SessionRegistry.Open(
            "broken", "Subscribe", new BrokenSession(), context.loop, (ResponseSender) peer);
    context.sessions.enter(broken);
    CompletableFuture<GetSessionResponse> shown = describe("broken");
    context.run();
    assertThat(shown).isCompletedExceptionally();
    context.sessions.leave("broken");
    assertThat(context.sessions.count()).isEqualTo(1);
  }

  private static final class BrokenSession implements dev.weir.service.session.SessionHandler {
    @Override
    public void onMessage(dev.weir.service.core.Slice message) {}

    @Override
    public void onReady() {}

    @Override
    public void onHalfClosed() {}

    @Override
    public void end(Fault fault) {}

    @Override
    public boolean describe(SessionDescription description) {
      throw new IllegalStateException("a defect");
    }

    @Override
    public void onClosed() {}
  }

  @Test
  void refusedCall_isNotListed() {
    with(Limits.defaults().with(Limit.SESSIONS_MAX, 1), 1);
    opened("a", 0);
    start();
    assertThat(context.sessions.page("", 10).sessions()).hasSize(1);
  }
}
