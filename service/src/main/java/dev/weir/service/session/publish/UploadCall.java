package dev.weir.service.session.publish;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.state.PublishLifecycle;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.PartitionResult;
import dev.weir.service.partition.Payload;
import dev.weir.service.session.GoAwayNotice;
import dev.weir.service.session.RequestParser;
import dev.weir.service.session.ResponseSender;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.SessionDescription;
import dev.weir.service.session.SessionHandler;
import dev.weir.service.session.SessionLifecycle;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.wire.check.InvalidBatch;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import dev.weir.v1.PublisherState;
import dev.weir.v1.UploadOpen;
import dev.weir.v1.UploadRequest;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One Upload: stores batches of one topic under the window of publishing sessions, and says once
 * what became of them. Over its client's quota, or without memory, it reads no further instead of
 * refusing what comes. Owned by the event loop; the control pool converts, in arrival order.
 */
@OwnedBy("event loop")
public final class UploadCall implements SessionHandler {
  /** Asks a writer where a producer stands: it is refused, with the sequence that is expected. */
  private static final Payload QUESTION =
      new Payload.Refused(
          new InvalidBatch(Fault.invalid("batch", "is no batch but a question"), List.of()));

  private record Arrival(long index, Slice message) {}

  private final ServerContext context;
  private final Loop loop;
  private final ResponseSender out;
  private final SessionLifecycle lifecycle;
  private final PublishWindow window;
  private final UploadTally tally = new UploadTally();
  private PublishLifecycle state = PublishLifecycle.WAIT_OPEN;
  private UploadOpen open = UploadOpen.getDefaultInstance();
  private ServedTopic topic;
  private BatchCheckQueue<Arrival, UploadCheck.Checked> checks;
  private long nextIndex;
  private int uncharged; // messages that came and are not in the quota yet
  private boolean resting;
  private Runnable cancelRest = () -> {};
  private int questions;
  private boolean asked;

  /** Starts a call; the first message must be {@code open}. Event loop only. */
  public UploadCall(ServerContext context, Loop loop, ResponseSender out) {
    this.context = context;
    this.loop = loop;
    this.out = out;
    this.window = new PublishWindow(context.limits(), context.admission().unanswered());
    this.lifecycle = new SessionLifecycle(context, loop, out, this, "Upload", "upload");
    lifecycle.refusal().ifPresentOrElse(this::end, () -> out.request(1));
  }

  @Override
  public void onMessage(Slice message) {
    if (state == PublishLifecycle.WAIT_OPEN) {
      open(message);
    } else if (state == PublishLifecycle.OPEN) {
      window.arrived(message.length());
      uncharged++;
      checks.take(new Arrival(nextIndex++, message));
      requestMore();
    }
  }

  // ---- opening

  private void open(Slice message) {
    RequestParser.read(context, UploadRequest.getDefaultInstance(), message, this::open, this::end);
  }

  private void open(UploadRequest request) {
    Optional<Fault> wrong =
        request.hasOpen()
            ? PublishOpenCheck.upload(request, context.limits())
            : Optional.of(
                Fault.of(
                    ErrorCode.SESSION_NOT_OPEN, "The first message of an upload must be `open`."));
    if (wrong.isPresent()) {
      end(wrong.get());
      return;
    }
    advance(PublishLifecycle.Event.OPEN);
    open = request.getOpen();
    out.facts().client(open.getClient());
    Optional<Fault> full = lifecycle.admit().or(context::publishersFull);
    if (full.isPresent()) {
      end(full.get());
      return;
    }
    context.topic(out.facts(), open.getTopic(), loop, this::opened, this::end);
  }

  private void opened(ServedTopic found) {
    if (state == PublishLifecycle.CLOSED) {
      return;
    }
    topic = found;
    var check = new UploadCheck(context, topic, sequenced());
    checks =
        new BatchCheckQueue<>(
            loop,
            context.control(),
            out.facts(),
            window,
            new BatchCheckQueue.Check<>(
                arrival -> arrival.message().length(),
                arrival -> check.check(arrival.message(), context.epochNanos().getAsLong()),
                (arrival, fault) -> UploadCheck.refused(arrival.message(), fault)),
            this::submit);
    advance(PublishLifecycle.Event.OPENED);
    lifecycle.opened(List.of(), window::asks);
    lifecycle.follow(topic);
    requestMore();
    finishIfDone();
  }

  private boolean sequenced() {
    return !open.getProducer().isEmpty();
  }

  // ---- batches

  private void submit(Arrival arrival, UploadCheck.Checked checked) {
    if (state == PublishLifecycle.CLOSED) {
      return;
    }
    charge(arrival, checked);
    if (checked instanceof UploadCheck.NoBatch none) {
      end(none.fault());
    } else if (checked instanceof UploadCheck.Refused refused) {
      reject(arrival, refused.sequence(), refused.bad().fault(), refused.bad().rows());
    } else if (checked instanceof UploadCheck.Good good) {
      tally.got(good.partition(), 0);
      boolean taken =
          offer(
              good.partition(),
              good.sequence(),
              new Payload.Named(good.batch()),
              result -> onReply(arrival, good, result));
      if (taken) {
        window.lend(arrival.message().length(), good.batch().memoryBytes());
        requestMore();
      } else {
        Fault refusal = topic.refusal(good.partition(), context.control().retryDelay());
        reject(arrival, good.sequence(), refusal, List.of());
      }
    }
  }

  private void charge(Arrival arrival, UploadCheck.Checked checked) {
    uncharged--;
    int readings = checked instanceof UploadCheck.Good good ? good.batch().readings() : 0;
    context.published(lifecycle.client(), readings, arrival.message().length());
  }

  private boolean offer(
      int partition, long sequence, Payload payload, Consumer<PartitionResult> reply) {
    return topic
        .partitions()
        .get(partition)
        .offer(
            new PartitionRequest.Append(
                null,
                open.getProducer(),
                open.getEpoch(),
                sequence,
                payload,
                result -> loop.post(() -> reply.accept(result))));
  }

  private void onReply(Arrival arrival, UploadCheck.Good good, PartitionResult result) {
    window.takeBack(arrival.message().length(), good.batch().memoryBytes());
    if (state == PublishLifecycle.CLOSED) {
      return;
    }
    if (result instanceof PartitionResult.Stored stored) {
      context.meters().stored(topic.info().name(), stored.duplicate(), stored.readings());
      tally.stored(good.partition(), good.sequence(), stored);
      settled(arrival);
    } else if (result instanceof PartitionResult.Rejected rejected) {
      reject(arrival, good.sequence(), rejected.fault(), rejected.rows());
    } else if (result instanceof PartitionResult.Unknown unknown) {
      if (unknown.notStored().isPresent()) {
        reject(arrival, good.sequence(), unknown.notStored().get(), List.of());
      } else {
        tally.unknown(arrival.index(), good.sequence(), unknown.fault());
        settled(arrival);
      }
    }
  }

  private void reject(Arrival arrival, long sequence, Fault fault, List<Integer> rows) {
    context.meters().rejected(topic.info().name());
    tally.rejected(arrival.index(), sequence, fault, rows);
    settled(arrival);
  }

  private void settled(Arrival arrival) {
    window.free(arrival.message().length());
    window.settled(1, arrival.message().length());
    requestMore();
    finishIfDone();
  }

  private void requestMore() {
    if (state != PublishLifecycle.OPEN || resting) {
      return;
    }
    long wait =
        window.isOver()
            ? context.control().retryDelay().toNanos()
            : context.publishWait(lifecycle.client());
    if (wait > 0) {
      resting = true;
      cancelRest = loop.schedule(wait, this::goOn);
      return;
    }
    // with a quota one by one, as nobody knows what it costs before it is read
    boolean oneByOne = lifecycle.client().publishIsBounded();
    int more = oneByOne ? window.takeRequest(uncharged == 0 ? 1 : 0) : window.takeRequest();
    if (more > 0) {
      out.request(more);
    }
  }

  private void goOn() {
    resting = false;
    requestMore();
  }

  // ---- ending

  @Override
  public void onReady() {
    // one message only
  }

  @Override
  public void onHalfClosed() {
    if (state == PublishLifecycle.CLOSED) {
      return;
    }
    boolean nothingAsked = state == PublishLifecycle.WAIT_OPEN;
    advance(PublishLifecycle.Event.HALF_CLOSE);
    if (nothingAsked) {
      end(
          Fault.of(
              ErrorCode.SESSION_NOT_OPEN,
              "The call was half-closed before `open`. Send `open` first."));
    } else {
      finishIfDone();
    }
  }

  @Override
  public void onClosed() {
    if (state != PublishLifecycle.CLOSED) {
      close();
    }
  }

  private void finishIfDone() {
    if (state != PublishLifecycle.DRAINING || topic == null || !window.isSettled()) {
      return;
    }
    if (!asked) {
      asked = true;
      ask();
    }
    if (questions == 0 && state == PublishLifecycle.DRAINING) {
      close();
      out.send(OutgoingMessage.of(tally.response(topic, sequenced())));
      out.finish();
    }
  }

  /** Asks where the producer stands: behind duplicates, the batches do not say. */
  private void ask() {
    for (int partition : sequenced() ? tally.partitions() : List.<Integer>of()) {
      questions++;
      if (!offer(partition, 0, QUESTION, result -> answered(partition, result))) {
        questions--; // what the batches said must do
      }
    }
  }

  private void answered(int partition, PartitionResult result) {
    questions--;
    if (result instanceof PartitionResult.Rejected rejected) {
      tally.got(partition, rejected.expectedSequence() - 1);
    }
    finishIfDone();
  }

  @Override
  public boolean describe(SessionDescription description) {
    PublisherState.Builder publisher = PublisherState.newBuilder();
    publisher.setTopic(open.getTopic()).setProducer(open.getProducer()).setEpoch(open.getEpoch());
    window.describe(publisher);
    description.publisher(publisher.build());
    return false;
  }

  /** Uploads end by themselves, and cannot say what is stored before: they get all the time. */
  @Override
  public void goAway(GoAwayNotice departure) {
    if (state == PublishLifecycle.OPEN || state == PublishLifecycle.DRAINING) {
      lifecycle.goAway(
          new GoAwayNotice(departure.why(), departure.deadlineNanos(), departure.deadlineNanos()),
          message -> {});
    } else {
      end(departure.why());
    }
  }

  @Override
  public void end(Fault fault) {
    if (state != PublishLifecycle.CLOSED) {
      close();
      out.fail(fault);
    }
  }

  private void close() {
    advance(PublishLifecycle.Event.END);
    lifecycle.leave();
    cancelRest.run();
    if (checks != null) {
      checks.close();
    }
    window.close();
  }

  private void advance(PublishLifecycle.Event event) {
    state = PublishLifecycle.TABLE.next(state, event);
  }
}
