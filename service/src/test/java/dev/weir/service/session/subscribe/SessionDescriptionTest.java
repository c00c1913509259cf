package dev.weir.service.session.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.rpc.AdminRpc;
import dev.weir.service.session.TestPeer;
import dev.weir.v1.Format;
import dev.weir.v1.GetSessionRequest;
import dev.weir.v1.GetSessionResponse;
import dev.weir.v1.Storage;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import dev.weir.v1.TailRequest;
import dev.weir.v1.TailResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** Tests the pages of a session with many subscriptions, which are made in slices. */
class SessionDescriptionTest extends SubscribeSessionFixture {
  private static final int PAGE_BYTES_MAX = 65_536;
  private static final int MANY = 2_000;

  private AdminRpc admin;
  private boolean wanted = true;
  private TestPeer<SubscribeResponse> peer;
  private String id;

  private void with(int subscriptions, IntFunction<Subscription.Builder> subscription) {
    with(
        Limits.defaults()
            .with(Limit.SUBSCRIPTIONS_PER_SESSION_MAX, 100_000)
            .with(Limit.READ_BYTES_MAX, PAGE_BYTES_MAX),
        1 << 20);
    admin = new AdminRpc("1", "fake", Set.of(), 1, context.context, Storage::getDefaultInstance);
    peer = opened();
    id = peer.last().getOpened().getSession();
    for (int i = 1; i <= subscriptions; i++) {
      peer.send(add(subscription.apply(i)));
      context.run();
    }
  }

  private static Subscription.Builder idle(int number) {
    Subscription.Builder idle =
        Subscription.newBuilder().setId(number).setTopic("t").setFormat(Format.FORMAT_COLUMNS);
    idle.getSelectorBuilder().setAll(true);
    return idle;
  }

  /** One whose selector has so many bytes. */
  private static Subscription.Builder wide(int number, int bytes) {
    Subscription.Builder wide = idle(number);
    wide.getSelectorBuilder().clearAll();
    for (int i = 0; i < bytes / 500; i++) {
      wide.getSelectorBuilder().addNames("n".repeat(490) + i);
    }
    return wide;
  }

  private CompletableFuture<GetSessionResponse> ask(int size, String token) {
    GetSessionRequest request =
        GetSessionRequest.newBuilder().setId(id).setPageSize(size).setPageToken(token).build();
    return admin.getSession(new Caller("operator", () -> wanted), request);
  }

  private GetSessionResponse page(int size, String token) {
    CompletableFuture<GetSessionResponse> answer = ask(size, token);
    context.run();
    return answer.join();
  }

  private List<GetSessionResponse> pages(int size) {
    List<GetSessionResponse> pages = new ArrayList<>();
    String token = "";
    do {
      pages.add(page(size, token));
      token = pages.get(pages.size() - 1).getNextPageToken();
    } while (!token.isEmpty());
    return pages;
  }

  private static List<Integer> ids(List<GetSessionResponse> pages) {
    return pages.stream()
        .flatMap(page -> page.getSubscriptionsList().stream())
        .map(state -> state.getSubscription().getId())
        .toList();
  }

  private static List<Integer> sizes(List<GetSessionResponse> pages) {
    return pages.stream().map(GetSessionResponse::getSubscriptionsCount).toList();
  }

  private static List<Integer> upTo(int last) {
    List<Integer> ids = new ArrayList<>();
    for (int i = 1; i <= last; i++) {
      ids.add(i);
    }
    return ids;
  }

  private Budget unsent() {
    return context.context.admission().unsent();
  }

  @Test
  void largeSession_isShownInPagesByTheirNumber() {
    with(MANY, SessionDescriptionTest::idle);
    List<GetSessionResponse> pages = pages(100);
    assertThat(sizes(pages)).hasSize(20).containsOnly(100);
    assertThat(pages).extracting(page -> page.getSession().getId()).containsOnly(id);
    assertThat(ids(pages)).isEqualTo(upTo(MANY));
    assertThat(unsent().used()).isZero();
  }

  @Test
  void largeSession_isShownInPagesByTheirBytes() {
    with(100, number -> wide(number, 5_000));
    List<GetSessionResponse> pages = pages(0);
    assertThat(sizes(pages)).hasSizeBetween(8, 12);
    assertThat(pages)
        .extracting(GetSessionResponse::getSerializedSize)
        .allMatch(bytes -> bytes <= PAGE_BYTES_MAX + 500); // the fields of the session
    assertThat(ids(pages)).isEqualTo(upTo(100));
  }

  @Test
  void subscriptionThatIsLargerThanAPage_isOnOneOfItsOwn() {
    with(3, number -> number == 2 ? wide(2, 100_000) : idle(number));
    assertThat(sizes(pages(0))).containsExactly(1, 1, 1);
  }

  @Test
  void largeSession_leavesItsLoopToOthersAfterEachSlice() {
    with(MANY, SessionDescriptionTest::idle);
    CompletableFuture<GetSessionResponse> answer = ask(0, "");
    int slices = 0;
    while (context.loop.runOne()) {
      slices++;
      assertThat(answer.isDone()).as("the control pool makes it").isFalse();
    }
    assertThat(slices).isGreaterThan(10);
    assertThat(unsent().used()).as("the page is charged").isGreaterThan(PAGE_BYTES_MAX / 2);
    context.run();
    assertThat(answer.join().getSubscriptionsCount()).isGreaterThan(100);
    assertThat(unsent().used()).isZero();
  }

  @Test
  void pageForNobody_isNotMade_andGivesBackItsCharge() {
    with(MANY, SessionDescriptionTest::idle);
    CompletableFuture<GetSessionResponse> answer = ask(0, "");
    context.loop.runOne();
    assertThat(unsent().used()).isPositive();
    wanted = false;
    assertThat(context.loop.runOne()).isTrue();
    assertThat(context.loop.runOne()).as("another slice").isFalse();
    assertThat(answer.isCancelled()).isTrue();
    assertThat(unsent().used()).isZero();
  }

  @Test
  void pageForNobody_isNotMade_andGivesBackItsCharge_inThePoolToo() {
    with(3, SessionDescriptionTest::idle);
    CompletableFuture<GetSessionResponse> answer = ask(0, "");
    context.loop.runOne();
    assertThat(unsent().used()).isPositive();
    wanted = false;
    context.run();
    assertThat(answer.isCancelled()).isTrue();
    assertThat(unsent().used()).isZero();
  }

  @Test
  void sessionThatEndsBetweenSlices_isNotFound() {
    with(MANY, SessionDescriptionTest::idle);
    CompletableFuture<GetSessionResponse> answer = ask(0, "");
    context.loop.runOne();
    peer.close();
    context.run();
    var failed = catchThrowableOfType(CompletionException.class, answer::join);
    assertThat(((FaultException) failed.getCause()).fault().code())
        .isEqualTo(ErrorCode.SESSION_NOT_FOUND);
    assertThat(unsent().used()).isZero();
  }

  @Test
  void pagesAreShort_whileMemoryIs() {
    with(50, SessionDescriptionTest::idle);
    long most = unsent().max();
    unsent().take(most);
    List<GetSessionResponse> pages = pages(0);
    assertThat(pages)
        .extracting(GetSessionResponse::getSerializedSize)
        .hasSizeGreaterThan(1)
        .allMatch(bytes -> bytes < 5_000);
    assertThat(ids(pages)).isEqualTo(upTo(50));
    assertThat(unsent().used()).isEqualTo(most);
  }

  @Test
  void subscriptionsThatComeAndGoBetweenPages_disturbNobodyElse() {
    with(20, SessionDescriptionTest::idle);
    GetSessionResponse first = page(10, "");
    peer.send(remove(11)).send(remove(5)).send(add(idle(0xffff_ffff)));
    context.run();
    GetSessionResponse second = page(10, first.getNextPageToken());
    assertThat(ids(List.of(second))).containsExactly(12, 13, 14, 15, 16, 17, 18, 19, 20, -1);
    assertThat(second.getNextPageToken()).isEmpty();
  }

  @Test
  void tail_isOnePage() {
    with(0, SessionDescriptionTest::idle);
    TestPeer<TailResponse> tail =
        new TestPeer<>(
            context,
            TailResponse.parser(),
            out -> new TailCall(context.context, context.loop, out));
    tail.send(TailRequest.newBuilder().setTopic("t").build());
    context.run();
    id =
        context.sessions.page("", 10).sessions().stream()
            .filter(session -> session.getMethod().equals("Tail"))
            .findFirst()
            .orElseThrow()
            .getId();
    assertThat(page(1, "").getSubscriptionsCount()).isEqualTo(1);
    assertThat(page(1, "").getNextPageToken()).isEmpty();
  }

  @Test
  void wrongPages_areRefused() {
    with(0, SessionDescriptionTest::idle);
    for (int size : new int[] {-1, 1_001}) {
      assertThat(catchThrowableOfType(FaultException.class, () -> ask(size, "")).fault().code())
          .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }
    assertThat(catchThrowableOfType(FaultException.class, () -> ask(1, "x")).fault().code())
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }
}
