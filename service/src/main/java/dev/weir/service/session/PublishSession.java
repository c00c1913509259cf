package dev.weir.service.session;

import dev.weir.service.config.Limit;
import dev.weir.service.core.Loop;
import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.sequence.ProducerIds;
import dev.weir.service.core.state.PublishState;
import dev.weir.service.partition.Payload;
import dev.weir.service.partition.Publisher;
import dev.weir.service.partition.Request;
import dev.weir.service.partition.Result;
import dev.weir.service.partition.Topic;
import dev.weir.service.wire.Bad;
import dev.weir.service.wire.BatchLimits;
import dev.weir.service.wire.Frame;
import dev.weir.service.wire.PublishEnvelope;
import dev.weir.service.wire.UnknownFields;
import dev.weir.v1.GetSessionResponse;
import dev.weir.v1.Pong;
import dev.weir.v1.PublishBatch;
import dev.weir.v1.PublishOpen;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.PublisherState;
import dev.weir.v1.Refused;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One publishing session: opens a producer, checks batches, hands them to their partitions in order
 * and answers each. Owned by the event loop; answers of the writers are posted to it.
 */
@OwnedBy("event loop")
public final class PublishSession implements Session, Publisher, Opening.Events {
  private final Desk desk;
  private final Loop loop;
  private final Outbound out;
  private final Seat seat;
  private final BoundIds bound;
  private final BatchLimits batchLimits;
  private final BatchLane<Payloads.Arrival, Payload> lane;
  private final InboundWindow window;
  private final SensorDefiner definer;
  private final AnswerTime answerTime;
  private PublishState state = PublishState.WAIT_OPEN;
  private Topic topic;
  private String producer = "";
  private long epoch;
  private List<String> features = List.of();
  private AckBox box;
  private Opening opening;
  private FullQueues fullQueues;
  private boolean opened;
  private Fault ending;

  /** Starts a session; the first message must be {@code open}. Event loop only. */
  public PublishSession(Desk desk, Loop loop, Outbound out) {
    this.desk = desk;
    this.loop = loop;
    this.out = out;
    this.batchLimits = desk.batchLimits();
    this.bound = new BoundIds(desk.admission().budgets().sessions());
    this.window = new InboundWindow(desk.limits(), desk.admission().unanswered());
    this.lane =
        new BatchLane<>(
            loop,
            desk.control(),
            out.facts(),
            window,
            Payloads.Arrival::messageBytes,
            arrival ->
                Payloads.recode(arrival, topic, bound, batchLimits, desk.epochNanos().getAsLong()),
            (arrival, fault) -> new Payload.Refused(new Bad(fault, List.of())),
            this::submit);
    this.definer = new SensorDefiner(desk, loop, window, bound, this::answer);
    this.answerTime = new AnswerTime(desk, loop, this);
    this.seat = new Seat(desk, loop, out, this, "PublishStream", "publish");
    seat.refusal().ifPresentOrElse(this::end, () -> out.request(1));
  }

  @Override
  public String producer() {
    return producer;
  }

  @Override
  public long epoch() {
    return epoch;
  }

  @Override
  public void onMessage(Slice message) {
    if (state == PublishState.CLOSED || ending != null) {
      return;
    }
    if (state == PublishState.OPEN) {
      window.arrived(message.length());
      PublishEnvelope.Envelope envelope = PublishEnvelope.parse(message);
      if (envelope == null) {
        control(message);
      } else {
        batch(
            new Payloads.Arrival(
                envelope.partition(), envelope.sequence(), envelope.batch(), message.length()),
            Optional.empty());
      }
      requestMore();
    } else {
      control(message);
    }
  }

  private void control(Slice message) {
    RequestBounds.read(
        desk,
        PublishStreamRequest.getDefaultInstance(),
        message,
        request -> {
          if (state == PublishState.WAIT_OPEN) {
            open(request);
          } else {
            request(request, message.length());
          }
        },
        fault -> {
          if (state == PublishState.OPEN) {
            refuse(fault, message.length());
          } else {
            end(fault);
          }
        });
  }

  private void request(PublishStreamRequest request, int bytes) {
    if (request.hasBatch()) {
      unusualBatch(request, bytes);
      return;
    }
    Optional<Fault> unknown = UnknownFields.fault(request);
    if (unknown.isPresent()) {
      refuse(unknown.get(), bytes);
    } else if (request.hasDefine()) {
      definer.take(request.getDefine(), topic, bytes).ifPresent(fault -> refuse(fault, bytes));
    } else if (request.hasPing()) {
      Pong.Builder pong = Pong.newBuilder().setId(request.getPing().getId());
      answer(PublishStreamResponse.newBuilder().setPong(pong), bytes);
    } else if (request.hasOpen()) {
      refuse(Fault.of(ErrorCode.SESSION_NOT_OPEN, "the session is open already"), bytes);
    } else {
      refuse(Fault.invalid("request", "is not set (expected open, define, batch or ping)"), bytes);
    }
  }

  /** A batch in an envelope that only the generated parser reads; it gets its own answer. */
  private void unusualBatch(PublishStreamRequest request, int bytes) {
    PublishBatch batch = request.getBatch();
    var arrival =
        new Payloads.Arrival(
            batch.getPartition(),
            batch.getSequence(),
            Slice.of(batch.getBatch().toByteArray()),
            bytes);
    var envelope = request.toBuilder();
    envelope.getBatchBuilder().clearBatch(); // what is inside is checked with the batch
    batch(
        arrival,
        UnknownFields.find(envelope.build())
            .map(path -> Fault.unimplemented(path, "this server does not know it; leave it out")));
  }

  private void refuse(Fault fault, int bytes) {
    Refused.Builder refused = Refused.newBuilder().setProblem(Problems.of(fault));
    answer(PublishStreamResponse.newBuilder().setRefused(refused), bytes);
  }

  private void answer(PublishStreamResponse.Builder response, int bytes) {
    window.free(bytes);
    box.answer(response.build(), bytes);
    pump();
  }

  // ---- opening

  private void open(PublishStreamRequest request) {
    Optional<Fault> wrong =
        request.hasOpen()
            ? OpenCheck.publish(request, desk.limits())
            : Optional.of(
                Fault.of(
                    ErrorCode.SESSION_NOT_OPEN, "the first message of a session must be `open`"));
    if (wrong.isPresent()) {
      end(wrong.get());
      return;
    }
    advance(PublishState.Event.OPEN);
    PublishOpen open = request.getOpen();
    out.facts().client(open.getClient());
    features = open.getFeaturesList();
    Optional<Fault> full = seat.admit().or(desk::publishersFull);
    if (full.isPresent()) {
      end(full.get());
      return;
    }
    desk.topic(out.facts(), open.getTopic(), loop, found -> open(open, found), this::end);
  }

  private void open(PublishOpen open, Topic found) {
    if (state == PublishState.CLOSED) {
      return;
    }
    topic = found;
    seat.follow(topic);
    box = new AckBox(topic, window::news);
    fullQueues = new FullQueues(topic, desk.control().retryDelay());
    boolean madeUp = open.getProducer().isEmpty();
    producer = madeUp ? ProducerIds.madeUp(desk.random().nextLong()) : open.getProducer();
    opening = new Opening(desk, topic, loop, Opening.Claim.of(this, topic, open), this);
    opening.start();
  }

  @Override
  public void claims(long claimed) {
    epoch = claimed;
  }

  @Override
  public void opened(List<Result.Opened> partitions) {
    if (state == PublishState.CLOSED) {
      return;
    }
    advance(PublishState.Event.OPENED);
    opened = true;
    fullQueues.stored(partitions);
    seat.opened(features, window::asks);
    out.send(
        Frame.of(
            PublishStreamResponse.newBuilder()
                .setOpened(
                    OpenCheck.opened(
                        seat.id(),
                        this,
                        topic,
                        partitions,
                        desk.limits(),
                        window.news(),
                        features.contains(Patience.PING)))
                .build()));
    requestMore();
    finishIfDone();
  }

  // ---- batches

  private void batch(Payloads.Arrival arrival, Optional<Fault> wrongEnvelope) {
    if (arrival.partition() < 0 || arrival.partition() >= topic.partitions().size()) {
      String wrong = arrival.partition() + " (expected below " + topic.partitions().size() + ")";
      onResult(arrival, new Result.Rejected(Fault.invalid("partition", wrong), List.of(), 0));
      return;
    }
    Optional<Fault> wrong =
        wrongEnvelope.or(
            () ->
                arrival.sequence() > 0
                    ? Optional.empty()
                    : Optional.of(Fault.invalid("sequence", "must be from 1 to 2^63 - 1")));
    if (wrong.isPresent()) {
      lane.take(arrival, new Payload.Refused(new Bad(wrong.get(), List.of())));
      return;
    }
    boolean small = arrival.batch().length() <= desk.limits().getInt(Limit.INLINE_CHECK_BYTES_MAX);
    Payload ready = small ? Payloads.ready(arrival, topic, bound, batchLimits) : null;
    if (ready != null) {
      lane.take(arrival, ready);
    } else if (window.isOver()) { // it would wait for the pool with its bytes
      lane.take(
          arrival.emptied(),
          new Payload.Refused(new Bad(desk.publishersLack(arrival.messageBytes()), List.of())));
    } else {
      lane.take(arrival);
    }
  }

  private void submit(Payloads.Arrival arrival, Payload payload) {
    if (state == PublishState.CLOSED) {
      return;
    }
    int partition = arrival.partition();
    long sequence = arrival.sequence();
    int more = payload.memoryBytes();
    Consumer<Result> reply = result -> loop.post(() -> onReply(arrival, more, result));
    var append = new Request.Append(this, producer, epoch, sequence, payload, reply);
    boolean over = window.isOver() || arrival.isEmptied();
    Optional<Fault> notNow =
        over
            ? Optional.empty()
            : desk.publish(seat.client(), payload.readings(), arrival.messageBytes());
    if (!over && notNow.isEmpty() && topic.partitions().get(partition).offer(append)) {
      window.lend(arrival.messageBytes(), more);
      fullQueues.taken(partition, sequence);
    } else if (fullQueues.isStored(partition, sequence) && !payload.isBad()) {
      onResult(arrival, new Result.Stored(true, 0, Payloads.known(payload, topic.sensors())));
    } else {
      Optional<Fault> why =
          over ? Optional.of(desk.noRoomToPublish(arrival.messageBytes())) : notNow;
      onResult(arrival, fullQueues.refused(partition, sequence, why));
    }
  }

  private void onReply(Payloads.Arrival arrival, int more, Result result) {
    window.takeBack(arrival.messageBytes(), more);
    if (state != PublishState.CLOSED) {
      onResult(arrival, result);
    }
  }

  private void onResult(Payloads.Arrival arrival, Result result) {
    window.free(arrival.messageBytes());
    if (result instanceof Result.Stored stored) {
      fullQueues.stored(arrival.partition(), arrival.sequence());
      desk.meters().stored(topic.info().name(), stored.duplicate(), stored.readings());
      bound.bind(stored.bindings());
      box.ack(
          arrival.partition(),
          arrival.sequence(),
          stored.duplicate(),
          stored.bindings(),
          arrival.messageBytes());
      pump();
    } else if (result instanceof Result.Rejected rejected) {
      desk.meters().rejected(topic.info().name());
      box.reject(arrival, rejected);
      pump();
    } else if (result instanceof Result.Unknown unknown) {
      onUnknown(arrival, unknown);
    }
  }

  private void onUnknown(Payloads.Arrival arrival, Result.Unknown unknown) {
    if (features.contains(Opening.OUTCOME_UNKNOWN)) {
      box.unknown(arrival, unknown);
      pump();
    } else {
      end(unknown.fault());
    }
  }

  // ---- sending and ending

  @Override
  public void onReady() {
    pump();
  }

  private void pump() {
    if (box == null || state == PublishState.CLOSED) {
      return;
    }
    boolean some = false;
    while (out.ready() && !box.isEmpty()) {
      out.send(box.next(window::settled));
      some = true;
    }
    window.answersTake(box.bytes());
    answerTime.moved(some, !box.isEmpty());
    requestMore();
    finishIfDone();
  }

  private void requestMore() {
    int more = state == PublishState.OPEN ? window.takeRequest() : 0;
    if (more > 0) {
      out.request(more);
    }
  }

  @Override
  public void onHalfClosed() {
    if (state == PublishState.CLOSED) {
      return;
    }
    boolean nothingAsked = state == PublishState.WAIT_OPEN;
    seat.halfClosed();
    advance(PublishState.Event.HALF_CLOSE);
    if (nothingAsked) {
      end(Fault.of(ErrorCode.SESSION_NOT_OPEN, "the call was half-closed before `open`"));
    } else {
      finishIfDone();
    }
  }

  private void finishIfDone() {
    boolean settledAll = opened && window.isSettled() && box.isEmpty();
    if (ending != null && settledAll) {
      end(ending);
    } else if (state == PublishState.DRAINING && settledAll) {
      close();
      out.finish();
    }
  }

  @Override
  public void superseded(Fault fault) {
    loop.post(() -> settle(fault));
  }

  @Override
  public void settle(Fault fault) {
    if (state == PublishState.WAIT_OPEN) {
      end(fault);
    } else if (ending == null && state != PublishState.CLOSED) {
      ending = fault;
      seat.settling(fault);
      pump();
      finishIfDone();
    }
  }

  @Override
  public void goAway(Departure departure) {
    if (!opened) {
      settle(departure.why());
    } else if (ending == null && state != PublishState.CLOSED) {
      seat.goAway(
          departure,
          message -> {
            box.say(PublishStreamResponse.newBuilder().setGoingAway(message).build());
            pump();
          });
    }
  }

  @Override
  public void describe(GetSessionResponse.Builder description) {
    PublisherState.Builder publisher = description.getPublisherBuilder();
    publisher
        .setTopic(topic == null ? "" : topic.info().name())
        .setProducer(producer)
        .setEpoch(epoch);
    window.describe(publisher);
  }

  @Override
  public void end(Fault fault) {
    if (state != PublishState.CLOSED) {
      close();
      out.fail(fault);
    }
  }

  @Override
  public void onClosed() {
    if (state != PublishState.CLOSED) {
      close();
    }
  }

  private void close() {
    advance(PublishState.Event.END);
    seat.leave();
    answerTime.end();
    lane.close();
    definer.close();
    window.close();
    bound.close();
    if (box != null) {
      box.clear();
    }
    if (opening != null) {
      opening.leave();
    }
  }

  private void advance(PublishState.Event event) {
    state = PublishState.TABLE.next(state, event);
  }
}
