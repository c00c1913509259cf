package dev.weir.service.session.publish;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.admission.ClientQuota;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.sequence.ProducerIds;
import dev.weir.service.core.state.PublishLifecycle;
import dev.weir.service.partition.PartitionResult;
import dev.weir.service.partition.ProducerSession;
import dev.weir.service.session.AnswerTimeout;
import dev.weir.service.session.GoAwayNotice;
import dev.weir.service.session.PingTimeout;
import dev.weir.service.session.ProblemMessages;
import dev.weir.service.session.RequestParser;
import dev.weir.service.session.ResponseSender;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.SessionDescription;
import dev.weir.service.session.SessionHandler;
import dev.weir.service.session.SessionLifecycle;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.wire.check.UnknownFieldCheck;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import dev.weir.service.wire.protobuf.PublishEnvelope;
import dev.weir.v1.Pong;
import dev.weir.v1.PublishBatch;
import dev.weir.v1.PublishOpen;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.PublisherState;
import dev.weir.v1.Refused;
import java.util.List;
import java.util.Optional;

/**
 * One publishing session: opens a producer, checks batches, hands them to their partitions in order
 * and answers each. Owned by the event loop; answers of the writers are posted to it.
 */
@OwnedBy("event loop")
public final class PublishSession
    implements SessionHandler, ProducerSession, ProducerOpener.Events, BatchSubmitter.Session {
  private final ServerContext context;
  private final Loop loop;
  private final ResponseSender out;
  private final SessionLifecycle lifecycle;
  private final BoundSensorIds bound;
  private final PublishWindow window;
  private final SensorDefiner definer;
  private final AnswerTimeout answerTime;
  private PublishLifecycle state = PublishLifecycle.WAIT_OPEN;
  private ServedTopic topic;
  private String producer = "";
  private long epoch;
  private List<String> features = List.of();
  private PublishResponseQueue box;
  private ProducerOpener opening;
  private BatchSubmitter batches;
  private boolean opened;
  private Fault ending;

  /** Starts a session; the first message must be {@code open}. Event loop only. */
  public PublishSession(ServerContext context, Loop loop, ResponseSender out) {
    this.context = context;
    this.loop = loop;
    this.out = out;
    this.bound = new BoundSensorIds(context.admission().budgets().sessions());
    this.window = new PublishWindow(context.limits(), context.admission().unanswered());
    this.definer = new SensorDefiner(context, loop, window, bound, this::answer);
    this.answerTime = new AnswerTimeout(context, loop, this);
    this.lifecycle = new SessionLifecycle(context, loop, out, this, "PublishStream", "publish");
    lifecycle.refusal().ifPresentOrElse(this::end, () -> out.request(1));
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
    if (state == PublishLifecycle.CLOSED || ending != null) {
      return;
    }
    if (state == PublishLifecycle.OPEN) {
      window.arrived(message.length());
      PublishEnvelope.Envelope envelope = PublishEnvelope.parse(message);
      if (envelope == null) {
        control(message);
      } else {
        batches.take(
            new PayloadCheck.Arrival(
                envelope.partition(), envelope.sequence(), envelope.batch(), message.length()),
            Optional.empty());
      }
      requestMore();
    } else {
      control(message);
    }
  }

  private void control(Slice message) {
    RequestParser.read(
        context,
        PublishStreamRequest.getDefaultInstance(),
        message,
        request -> {
          if (state == PublishLifecycle.WAIT_OPEN) {
            open(request);
          } else {
            request(request, message.length());
          }
        },
        fault -> {
          if (state == PublishLifecycle.OPEN) {
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
    Optional<Fault> unknown = UnknownFieldCheck.fault(request);
    if (unknown.isPresent()) {
      refuse(unknown.get(), bytes);
    } else if (request.hasDefine()) {
      definer.take(request.getDefine(), topic, bytes).ifPresent(fault -> refuse(fault, bytes));
    } else if (request.hasPing()) {
      Pong.Builder pong = Pong.newBuilder().setId(request.getPing().getId());
      answer(PublishStreamResponse.newBuilder().setPong(pong), bytes);
    } else if (request.hasOpen()) {
      refuse(
          Fault.of(ErrorCode.SESSION_NOT_OPEN, "The session is open already. Send `open` once."),
          bytes);
    } else {
      refuse(Fault.invalid("request", "is not set (expected open, define, batch or ping)"), bytes);
    }
  }

  /** A batch in an envelope that only the generated parser reads; it gets its own answer. */
  private void unusualBatch(PublishStreamRequest request, int bytes) {
    PublishBatch batch = request.getBatch();
    var arrival =
        new PayloadCheck.Arrival(
            batch.getPartition(),
            batch.getSequence(),
            Slice.of(batch.getBatch().toByteArray()),
            bytes);
    var envelope = request.toBuilder();
    envelope.getBatchBuilder().clearBatch(); // what is inside is checked with the batch
    batches.take(
        arrival,
        UnknownFieldCheck.find(envelope.build())
            .map(path -> Fault.unimplemented(path, "this server does not know it; leave it out")));
  }

  private void refuse(Fault fault, int bytes) {
    Refused.Builder refused = Refused.newBuilder().setProblem(ProblemMessages.of(fault));
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
            ? PublishOpenCheck.publish(request, context.limits())
            : Optional.of(
                Fault.of(
                    ErrorCode.SESSION_NOT_OPEN, "The first message of a session must be `open`."));
    if (wrong.isPresent()) {
      end(wrong.get());
      return;
    }
    advance(PublishLifecycle.Event.OPEN);
    PublishOpen open = request.getOpen();
    out.facts().client(open.getClient());
    features = open.getFeaturesList();
    Optional<Fault> full = lifecycle.admit().or(context::publishersFull);
    if (full.isPresent()) {
      end(full.get());
      return;
    }
    context.topic(out.facts(), open.getTopic(), loop, found -> open(open, found), this::end);
  }

  private void open(PublishOpen open, ServedTopic found) {
    if (state == PublishLifecycle.CLOSED) {
      return;
    }
    topic = found;
    lifecycle.follow(topic);
    box = new PublishResponseQueue(topic, window::news);
    batches = new BatchSubmitter(context, loop, out.facts(), this, topic, window, bound);
    boolean madeUp = open.getProducer().isEmpty();
    producer = madeUp ? ProducerIds.madeUp(context.random().nextLong()) : open.getProducer();
    opening =
        new ProducerOpener(context, topic, loop, ProducerOpener.Claim.of(this, topic, open), this);
    opening.start();
  }

  @Override
  public void claims(long claimed) {
    epoch = claimed;
  }

  @Override
  public void opened(List<PartitionResult.Opened> partitions) {
    if (state == PublishLifecycle.CLOSED) {
      return;
    }
    advance(PublishLifecycle.Event.OPENED);
    opened = true;
    batches.opened(partitions);
    lifecycle.opened(features, window::asks);
    out.send(
        OutgoingMessage.of(
            PublishStreamResponse.newBuilder()
                .setOpened(
                    PublishOpenCheck.opened(
                        lifecycle.id(),
                        this,
                        topic,
                        partitions,
                        context.limits(),
                        window.news(),
                        features.contains(PingTimeout.PING)))
                .build()));
    requestMore();
    finishIfDone();
  }

  // ---- what batches come to

  @Override
  public boolean isClosed() {
    return state == PublishLifecycle.CLOSED;
  }

  @Override
  public ClientQuota client() {
    return lifecycle.client();
  }

  @Override
  public void stored(PayloadCheck.Arrival arrival, PartitionResult.Stored stored) {
    box.ack(
        arrival.partition(),
        arrival.sequence(),
        stored.duplicate(),
        stored.bindings(),
        arrival.messageBytes());
    pump();
  }

  @Override
  public void rejected(PayloadCheck.Arrival arrival, PartitionResult.Rejected rejected) {
    box.reject(arrival, rejected);
    pump();
  }

  @Override
  public void unknown(PayloadCheck.Arrival arrival, PartitionResult.Unknown unknown) {
    if (features.contains(ProducerOpener.OUTCOME_UNKNOWN)) {
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
    if (box == null || state == PublishLifecycle.CLOSED) {
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
    int more = state == PublishLifecycle.OPEN ? window.takeRequest() : 0;
    if (more > 0) {
      out.request(more);
    }
  }

  @Override
  public void onHalfClosed() {
    if (state == PublishLifecycle.CLOSED) {
      return;
    }
    boolean nothingAsked = state == PublishLifecycle.WAIT_OPEN;
    lifecycle.halfClosed();
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

  private void finishIfDone() {
    boolean settledAll = opened && window.isSettled() && box.isEmpty();
    if (ending != null && settledAll) {
      end(ending);
    } else if (state == PublishLifecycle.DRAINING && settledAll) {
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
    if (state == PublishLifecycle.WAIT_OPEN) {
      end(fault);
    } else if (ending == null && state != PublishLifecycle.CLOSED) {
      ending = fault;
      lifecycle.settling(fault);
      pump();
      finishIfDone();
    }
  }

  @Override
  public void goAway(GoAwayNotice departure) {
    if (!opened) {
      settle(departure.why());
    } else if (ending == null && state != PublishLifecycle.CLOSED) {
      lifecycle.goAway(
          departure,
          message -> {
            box.say(PublishStreamResponse.newBuilder().setGoingAway(message).build());
            pump();
          });
    }
  }

  @Override
  public boolean describe(SessionDescription description) {
    PublisherState.Builder publisher = PublisherState.newBuilder();
    publisher
        .setTopic(topic == null ? "" : topic.info().name())
        .setProducer(producer)
        .setEpoch(epoch);
    window.describe(publisher);
    description.publisher(publisher.build());
    return false;
  }

  @Override
  public void end(Fault fault) {
    if (state != PublishLifecycle.CLOSED) {
      close();
      out.fail(fault);
    }
  }

  @Override
  public void onClosed() {
    if (state != PublishLifecycle.CLOSED) {
      close();
    }
  }

  private void close() {
    advance(PublishLifecycle.Event.END);
    lifecycle.leave();
    answerTime.end();
    if (batches != null) {
      batches.close();
    }
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

  private void advance(PublishLifecycle.Event event) {
    state = PublishLifecycle.TABLE.next(state, event);
  }
}
