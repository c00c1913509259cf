package dev.weir.service.session;

import dev.weir.common.OwnedBy;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.v1.GetSessionRequest;
import dev.weir.v1.GetSessionResponse;
import dev.weir.v1.PublisherState;
import dev.weir.v1.Session;
import dev.weir.v1.SubscriptionState;

/**
 * A page of what an operator is shown of one session. The session adds its subscriptions in slices,
 * between which its event loop does other work; as the page waits meanwhile, each subscription is
 * charged as an answer that is not sent, until the answer is made. Owned by the event loop of the
 * session, and from the last slice on by the control thread that makes the answer.
 */
@OwnedBy("event loop")
public final class SessionDescription {
  private static final String LIST = "GetSession";
  private static final int PAGE_SIZE_DEFAULT = 1_000;

  /** Tag and length of an entry. */
  private static final int ENTRY_BYTES_MAX = 6;

  /** A slice ends after as much work as this many partitions are; it takes about 50 µs. */
  private static final int SLICE_PARTITIONS = 128;

  /** A subscription is as much work as these besides its partitions. */
  private static final int ENTRY_PARTITIONS = 8;

  private final GetSessionResponse.Builder answer = GetSessionResponse.newBuilder();
  private final Budget unsent;
  private final int size;
  private final long bytesMax;
  private long nextId; // the least id that has not been looked at, of unsigned 32 bits
  private long bytes;
  private int slicePartitions;

  /**
   * The page that a request asks for.
   *
   * @param unsent is charged
   * @throws FaultException INVALID_ARGUMENT for its size or token
   */
  public SessionDescription(GetSessionRequest request, Limits limits, Budget unsent) {
    this.unsent = unsent;
    this.size = size(request.getPageSize(), limits.getInt(Limit.PAGE_SIZE_MAX));
    this.bytesMax = limits.get(Limit.READ_BYTES_MAX);
    this.nextId = Integer.toUnsignedLong(PageToken.number(LIST, request.getPageToken()));
  }

  private static int size(int asked, int max) {
    if (asked < 0 || asked > max) {
      throw Fault.invalid("page_size", "expected 1 to " + max + ", or 0 for 1000").exception();
    }
    return asked == 0 ? Math.min(PAGE_SIZE_DEFAULT, max) : asked;
  }

  // ---- on the event loop of the session

  void beginSlice() {
    slicePartitions = 0;
  }

  /** Returns whether the rest waits for the next slice. */
  public boolean isSliceOver() {
    return slicePartitions >= SLICE_PARTITIONS;
  }

  /** Returns the id from which on subscriptions are looked at next; 2^32 behind the greatest. */
  public long nextId() {
    return nextId;
  }

  /** Passes over a subscription of which nothing is known yet. */
  public void passOver(int id) {
    nextId = Integer.toUnsignedLong(id) + 1;
    slicePartitions++;
  }

  /**
   * Adds a subscription. One always fits; the page ends early where the server is short of memory.
   *
   * @param partitions of its topic
   * @return false where it does not fit: then the page is full
   */
  public boolean add(int id, int partitions, SubscriptionState state) {
    int more = ENTRY_BYTES_MAX + state.getSerializedSize();
    int taken = answer.getSubscriptionsCount();
    if (taken == size || taken > 0 && bytes + more > bytesMaxNow()) {
      answer.setNextPageToken(PageToken.of(LIST, Long.toString(Integer.toUnsignedLong(id))));
      return false;
    }
    unsent.take(more);
    bytes += more;
    answer.addSubscriptions(state);
    nextId = Integer.toUnsignedLong(id) + 1;
    slicePartitions += ENTRY_PARTITIONS + partitions;
    return true;
  }

  private long bytesMaxNow() {
    return unsent.isNearlyUsed() ? ServerContext.DELIVERY_BYTES_LEAST : bytesMax;
  }

  /** Says what the session publishes. */
  public void publisher(PublisherState publisher) {
    answer.setPublisher(publisher);
  }

  void session(Session session) {
    answer.setSession(session);
  }

  // ---- from the last slice on

  /** Makes the answer. */
  public GetSessionResponse answer() {
    return answer.build();
  }

  /** Gives back what the page was charged; once, when the answer is made or nobody waits for it. */
  public void release() {
    unsent.giveBack(bytes);
  }
}
