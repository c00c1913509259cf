package dev.weir.service.session;

import dev.weir.common.Loop;
import dev.weir.service.admission.Admission;
import dev.weir.service.admission.ClientQuota;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fair.SlicedTask;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.fanout.Fanout;
import dev.weir.service.telemetry.Meters;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.topic.TopicLifecycle;
import dev.weir.service.topic.TopicRegistry;
import dev.weir.service.view.ViewRegistry;
import dev.weir.service.wire.check.BatchLimits;
import dev.weir.service.wire.names.DefinitionRules;
import dev.weir.service.wire.names.TopicNameRule;
import dev.weir.v1.Subscription;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * The parts that all sessions of a server share. Thread-safe.
 *
 * @param topicLifecycle opens, creates and deletes topics
 * @param limits the bounds
 * @param control runs what would hold an event loop and waits for nothing
 * @param changes creates topics, changes and deletes them, one at a time, as each waits for a sync
 * @param catchUp reads the log and converts for subscribers
 * @param fanout wakes subscribers
 * @param feeds all feeds, for those who watch
 * @param meters counts
 * @param epochNanos the server's clock, Unix nanoseconds
 * @param random makes ids
 * @param developmentMode missing topics are created
 * @param sessions open sessions
 * @param views what subscribers share
 * @param selections compiled selectors, shared too
 * @param admission who may have how much
 */
public record ServerContext(
    TopicLifecycle topicLifecycle,
    Limits limits,
    ControlPool control,
    ControlPool changes,
    CatchUpPool catchUp,
    Fanout fanout,
    FeedRegistry feeds,
    Meters meters,
    LongSupplier epochNanos,
    RandomGenerator random,
    boolean developmentMode,
    SessionRegistry sessions,
    ViewRegistry views,
    SelectionCache selections,
    Admission admission) {

  private static final String PUBLISHERS = "memory for publishers";

  /** Deliveries do not get smaller than this for want of memory. */
  public static final int DELIVERY_BYTES_LEAST = 4_096;

  /**
   * An answer that is given however much is unsent, as its connection's bound is enough: that of
   * GetServerInfo is, which tells what is used up.
   */
  private static final int SHORT_ANSWER_BYTES = 32_768;

  /** The topics that are served. */
  public TopicRegistry topics() {
    return topicLifecycle.registry();
  }

  /** Returns the client of a call, which must be left when the call is over. */
  ClientQuota enter(CallInfo facts) {
    return admission.clients().enter(facts.client(), facts.host());
  }

  /** A client's call is over; once for each {@link #enter(CallInfo)}. */
  void leave(ClientQuota client) {
    admission.clients().leave(client, epochNanos.getAsLong());
  }

  /** Returns the fault for a client that has used up one of its quotas. */
  Fault quota(String which, long waitNanos) {
    return Fault.of(ErrorCode.QUOTA_EXCEEDED, which)
        .retryAfter(Admission.delay(waitNanos, control.retryDelay()));
  }

  /** Charges a client's batch, or says why it is not taken now. */
  public Optional<Fault> publish(ClientQuota client, long readings, long bytes) {
    long now = epochNanos.getAsLong();
    long wait = client.publish(readings, bytes, now);
    return wait == 0
        ? Optional.empty()
        : Optional.of(
            quota(
                "This client has published more than "
                    + limits.told(client.publishQuota(now))
                    + " allows. Retry after the delay, or ask the operator to raise the limit.",
                wait));
  }

  /** The same for the batch of a call that has no other one. */
  public Optional<Fault> publish(CallInfo facts, long readings, long bytes) {
    ClientQuota client = enter(facts);
    try {
      return publish(client, readings, bytes);
    } finally {
      leave(client);
    }
  }

  /** Charges a client's batch that is taken in any case. */
  public void published(ClientQuota client, long readings, long bytes) {
    client.published(readings, bytes, epochNanos.getAsLong());
  }

  /** Returns how long a client is to wait before it publishes more, in nanoseconds. */
  public long publishWait(ClientQuota client) {
    return client.publishWait(epochNanos.getAsLong());
  }

  /** Returns the fault for a publisher's message that has no room; counts a refusal. */
  public Fault noRoomToPublish(long messageBytes) {
    return noRoom(admission.unanswered(), messageBytes, PUBLISHERS);
  }

  /** The same for one whose refusal is counted later, if it is not stored already. */
  public Fault publishersLack(long messageBytes) {
    return lack(admission.unanswered(), messageBytes, PUBLISHERS);
  }

  /** Returns why no publisher may begin now, if so; counts a refusal. */
  public Optional<Fault> publishersFull() {
    return admission.unanswered().isNearlyUsed()
        ? Optional.of(nearlyUsed(admission.unanswered(), PUBLISHERS))
        : Optional.empty();
  }

  /**
   * Returns the fault for a message that a budget has no room for: that it never has, or that it
   * has not now. Counts a refusal.
   *
   * @param what is kept there, such as "memory for publishers"
   */
  Fault noRoom(Budget budget, long messageBytes, String what) {
    budget.refused();
    return lack(budget, messageBytes, what);
  }

  private Fault lack(Budget budget, long messageBytes, String what) {
    return messageBytes > budget.max()
        ? Fault.of(
            ErrorCode.TOO_LARGE,
            String.format(
                "The message has %d bytes, and %s is %d bytes (%s) in all. Send less at once, or ask"
                    + " the operator to raise the limit.",
                messageBytes, what, budget.max(), budget.name()))
        : overloaded(
            String.format(
                "The server has no %s left for this: %d of %d bytes (%s) are used. Retry after the"
                    + " delay, send less at once, or ask the operator to raise the limit and -Xmx.",
                what, budget.used(), budget.max(), budget.name()));
  }

  /** Returns why nobody may subscribe now, if so; counts a refusal. */
  public Optional<Fault> subscribersFull() {
    return admission.unsent().isNearlyUsed()
        ? Optional.of(nearlyUsed(admission.unsent(), "memory for what is not sent yet"))
        : Optional.empty();
  }

  private Fault nearlyUsed(Budget budget, String what) {
    budget.refused();
    return overloaded(
        String.format(
            "The server admits nothing new while nine tenths of its %s are used: %d of %d bytes"
                + " (%s) are. Retry after the delay, or ask the operator to raise the limit and"
                + " -Xmx.",
            what, budget.used(), budget.max(), budget.name()));
  }

  /** Returns why answers of so many bytes are not given now, if so; short ones always are. */
  Optional<Fault> answersFull(long bytes) {
    return bytes > SHORT_ANSWER_BYTES ? subscribersFull() : Optional.empty();
  }

  /**
   * Charges what a subscription holds that may stay long, or says why not. The last tenth is left
   * for what is short. To be given back with {@link #release}.
   */
  public Optional<Fault> hold(long bytes) {
    Budget budget = admission.budgets().sessions();
    if (bytes <= budget.max() && budget.isNearlyUsed()) {
      budget.refused();
      return Optional.of(overloaded(staysTooLong(budget)));
    }
    return holdBriefly(bytes);
  }

  /** The same for a call that is answered at once. */
  public Optional<Fault> holdBriefly(long bytes) {
    Budget budget = admission.budgets().sessions();
    if (budget.tryTake(bytes)) {
      return Optional.empty();
    }
    return Optional.of(
        bytes > budget.max()
            ? Fault.of(
                ErrorCode.TOO_LARGE,
                String.format(
                    "The subscription takes about %d bytes, more than %s (%d). Name fewer sensors,"
                        + " or ask the operator to raise the limit and -Xmx.",
                    bytes, budget.name(), budget.max()))
            : sessionsFull());
  }

  /**
   * Returns why nothing that may stay long begins now, as the last tenth is left for what is short.
   */
  public static String staysTooLong(Budget sessions) {
    return String.format(
        "New streams, subscriptions and Reads that wait are refused while nine tenths of %s (%d) are"
            + " used: %d bytes are. Retry after the delay, end some of them, or ask the operator to"
            + " raise the limit and -Xmx.",
        sessions.name(), sessions.max(), sessions.used());
  }

  /** Returns why a session may not hold more, such as ids of sensors. */
  public Fault sessionsFull() {
    Budget budget = admission.budgets().sessions();
    return overloaded(
        String.format(
            "%s (%d) has no room for this request: %d bytes are used by open calls and"
                + " subscriptions. Retry after the delay, end some of them, or ask the operator to"
                + " raise the limit and -Xmx.",
            budget.name(), budget.max(), budget.used()));
  }

  /** Returns the account that a peer's snapshots are charged to. */
  public SnapshotMemory snapshots(String peer) {
    return new SnapshotMemory(admission.snapshots(), peer, control.retryDelay());
  }

  /** Gives back what a session held. */
  public void release(long bytes) {
    admission.budgets().sessions().giveBack(bytes);
  }

  /** Returns the bytes that a subscription holds, whether or not its topic is there yet. */
  public long subscriptionBytes(Subscription asked) {
    ServedTopic topic = topics().find(asked.getTopic());
    return SubscriptionHeapSize.of(asked, topic == null ? 1 : topic.partitions().size());
  }

  /** Returns the fault for a request that has no room now. */
  public Fault overloaded(String what) {
    return Fault.of(ErrorCode.OVERLOADED, what).retryAfter(control.retryDelay());
  }

  /** A new session's id. */
  String newSessionId() {
    return String.format("%016x", random.nextLong());
  }

  /**
   * Takes a place for a session and lists it, or says why not, and then it must leave all the same.
   *
   * @param method such as "Subscribe"
   */
  public Optional<Fault> enter(
      String id, String method, SessionHandler session, Loop loop, ResponseSender out) {
    return sessions.enter(new SessionRegistry.Open(id, method, session, loop, out));
  }

  /**
   * Gives the place back; once for each {@link #enter(String, String, SessionHandler, Loop,
   * ResponseSender)}.
   */
  public void leave(String id) {
    sessions.leave(id);
  }

  /** Takes a place for a call that is not listed, as {@link SessionRegistry#enter()}. */
  public Optional<Fault> enter() {
    return sessions.enter();
  }

  /** Gives the place back; once for each {@link #enter()}. */
  public void leave() {
    sessions.leave();
  }

  /**
   * The topic of a name.
   *
   * @throws dev.weir.service.core.fault.FaultException INVALID_ARGUMENT, TOPIC_NOT_FOUND, or why it
   *     could not be opened
   */
  public ServedTopic existingTopic(String name) {
    ServedTopic topic = topics().find(name);
    if (topic == null) {
      throw missing(name).exception();
    }
    return topic;
  }

  /**
   * The topic of a name; in development mode a missing one is created. Never blocks; answers on the
   * loop, at once where nothing has to be created.
   *
   * @param facts whose turn it is to have one created
   * @param refused told INVALID_ARGUMENT, TOPIC_NOT_FOUND, or why it could not be opened or created
   */
  public void topic(
      CallInfo facts,
      String name,
      Loop loop,
      Consumer<ServedTopic> found,
      Consumer<Fault> refused) {
    ServedTopic known = topics().find(name);
    if (known != null) {
      found.accept(known);
    } else if (!developmentMode
        || topics().cannotOpen(name)
        || TopicNameRule.check(name).isPresent()) {
      refused.accept(missing(name));
    } else {
      changes
          .offer(
              facts.caller(() -> true), // nobody else says how it ended
              SlicedTask.once(
                  () -> {
                    try {
                      ServedTopic topic = topicLifecycle.create(name, 1, Map.of(), "");
                      loop.post(() -> found.accept(topic));
                    } catch (RuntimeException failed) {
                      Fault fault = ControlPool.faultOf(failed);
                      loop.post(() -> refused.accept(fault));
                    }
                  }))
          .ifPresent(refused);
    }
  }

  /** Returns why there is no topic of a name. */
  public Fault missing(String name) {
    return TopicNameRule.check(name)
        .map(wrong -> Fault.invalid("topic", wrong))
        .orElseGet(() -> topics().refusal(name));
  }

  /** Returns the limits of a batch. */
  public BatchLimits batchLimits() {
    return new BatchLimits(
        limits.getInt(Limit.BATCH_READINGS_MAX),
        limits.getInt(Limit.BATCH_SENSORS_MAX),
        definitions(limits));
  }

  /** The rules of definitions under the bounds of a server. */
  public static DefinitionRules definitions(Limits limits) {
    return new DefinitionRules(
        limits.getInt(Limit.UNIT_BYTES_MAX),
        limits.getInt(Limit.LABELS_MAX),
        limits.getInt(Limit.LABEL_KEY_BYTES_MAX),
        limits.getInt(Limit.LABEL_VALUE_BYTES_MAX));
  }
}
