package dev.weir.service.session.publish;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.catalog.DefinedSensor;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fair.SlicedTask;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.PartitionResult;
import dev.weir.service.partition.Payload;
import dev.weir.service.session.ControlPool;
import dev.weir.service.session.RequestParser;
import dev.weir.service.session.ResponseSender;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.SingleResponseCall;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.wire.check.BatchRecoder;
import dev.weir.service.wire.check.InvalidBatch;
import dev.weir.service.wire.check.MessageBytesCheck;
import dev.weir.service.wire.check.NamedBatch;
import dev.weir.service.wire.check.RecodeResult;
import dev.weir.service.wire.check.SensorKinds;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishResponse;
import dev.weir.v1.StoredPart;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One unary Publish. A batch with a sequence belongs to one partition; one without may span, and
 * then each part is atomic by itself. Its message counts in the budget of publishers until it is
 * dropped or all its partitions have replied, which may be long after the call has ended. Owned by
 * the event loop; the control pool converts.
 */
@OwnedBy("event loop")
public final class PublishCall extends SingleResponseCall {
  private final PublishResponse.Builder response = PublishResponse.newBuilder();
  private final Caller caller;
  private int heldBytes;
  private int left;
  private Fault failure;

  /** Starts a call; its request follows. Event loop only. */
  public PublishCall(ServerContext context, Loop loop, ResponseSender out) {
    super(context, loop, out);
    this.caller = out.facts().caller(() -> !isClosed());
  }

  @Override
  public void onMessage(Slice message) {
    if (isClosed() || isAsked()) {
      return;
    }
    markAsked();
    if (context.admission().unanswered().lacks(message.length())) {
      end(context.noRoomToPublish(message.length()));
      return;
    }
    hold(message.length());
    beginTime();
    offer(message);
  }

  private void offer(Slice message) {
    context.control().offer(caller, new Conversion(message)).ifPresent(this::refuse);
  }

  /** It ends, and its message is dropped. */
  private void refuse(Fault fault) {
    drop();
    end(fault);
  }

  private void hold(int bytes) {
    context.admission().unanswered().take(bytes);
    heldBytes += bytes;
  }

  private void drop() {
    context.admission().unanswered().giveBack(heldBytes);
    heldBytes = 0;
  }

  // ---- on the control pool

  private final class Conversion implements SlicedTask {
    private final Slice message;

    Conversion(Slice message) {
      this.message = message;
    }

    @Override
    public boolean step() {
      convert(message);
      return false;
    }

    @Override
    public boolean isLengthy() {
      return ControlPool.isLengthy(message.length());
    }

    @Override
    public void dropped() { // its deadline passed in the queue: nothing of it is stored
      loop.post(PublishCall.this::drop);
    }
  }

  private void convert(Slice message) {
    Runnable next =
        () ->
            refuse(
                context.overloaded(
                    "The server's heap had no room left to read the request, although"
                        + " publish_budget_bytes permits it. Retry later, or ask the operator for"
                        + " a larger heap (-Xmx)."));
    try {
      next = converted(message);
    } catch (InvalidProtocolBufferException malformed) {
      Fault fault = MessageBytesCheck.malformed(PublishRequest.getDescriptor(), message);
      next = () -> refuse(fault);
    } catch (RuntimeException failed) {
      Fault fault = ControlPool.faultOf(failed);
      next = () -> refuse(fault);
    } finally {
      loop.post(next);
    }
  }

  private Runnable converted(Slice message) throws InvalidProtocolBufferException {
    MessageBytesCheck.check(PublishRequest.getDescriptor(), message, "")
        .ifPresent(
            wrong -> {
              throw wrong.exception();
            });
    RequestParser.refusal(context, PublishRequest.getDescriptor(), message)
        .ifPresent(
            refusal -> {
              throw refusal.exception();
            });
    PublishRequest request =
        PublishRequest.parser().parseFrom(message.array(), message.offset(), message.length());
    check(request);
    ServedTopic topic = context.topics().find(request.getTopic());
    if (topic == null) { // perhaps one is created, and then it begins again
      return () ->
          context.topic(
              out.facts(), request.getTopic(), loop, made -> offer(message), this::refuse);
    }
    RecodeResult recoded =
        BatchRecoder.decode(
            request.getBatch(),
            SensorKinds.NONE,
            context.epochNanos().getAsLong(),
            context.batchLimits());
    if (recoded instanceof InvalidBatch bad) {
      throw withRows(bad).exception();
    }
    NamedBatch batch = (NamedBatch) recoded;
    int[] partitions = PayloadCheck.partitions(batch, topic);
    NamedBatch[] parts = batch.split(partitions, topic.partitions().size());
    if (request.getSequence() != 0) {
      requireOne(parts, partitions);
    }
    return () -> store(request, topic, parts);
  }

  private static void requireOne(NamedBatch[] parts, int[] partitions) {
    int filled = 0;
    for (NamedBatch part : parts) {
      filled += part == null ? 0 : 1;
    }
    if (filled > 1) {
      throw PayloadCheck.spansPartitions(partitions[0]).exception();
    }
  }

  private void check(PublishRequest request) {
    Optional<Fault> wrong =
        PublishOpenCheck.producer("producer", request.getProducer(), context.limits());
    if (wrong.isPresent()) {
      throw wrong.get().exception();
    }
    if (!request.hasBatch()) {
      throw Fault.invalid("batch", "is required").exception();
    }
    if (request.getProducer().isEmpty() != (request.getSequence() == 0)) {
      throw Fault.invalid(
              request.getProducer().isEmpty() ? "producer" : "sequence",
              "is required with the other of producer and sequence; give both, or neither")
          .exception();
    }
    if (request.getSequence() < 0) {
      throw Fault.invalid("sequence", "must be below 2^63").exception();
    }
    wrong = PublishOpenCheck.epoch("epoch", request.getEpoch());
    if (wrong.isPresent()) {
      throw wrong.get().exception();
    }
    if (request.getProducer().isEmpty() && request.getEpoch() != 0) {
      throw Fault.invalid("epoch", "needs a producer and a sequence").exception();
    }
  }

  private static Fault withRows(InvalidBatch bad) {
    return bad.rows().isEmpty() ? bad.fault() : bad.fault().with("rows", bad.rows());
  }

  // ---- on the event loop

  private void store(PublishRequest request, ServedTopic topic, NamedBatch[] parts) {
    if (isClosed()) {
      drop();
      return;
    }
    int messageBytes = heldBytes;
    long readings = 0;
    for (NamedBatch part : parts) {
      readings += part == null ? 0 : part.readings();
      hold(part == null ? 0 : part.memoryBytes());
    }
    Optional<Fault> notNow = context.publish(out.facts(), readings, messageBytes);
    if (notNow.isPresent() && request.getSequence() == 0) {
      refuse(notNow.get());
      return;
    }
    response.setDurability(topic.info().durability()).setRetrySafe(request.getSequence() != 0);
    left = 1;
    for (int p = 0; p < parts.length; p++) {
      if (parts[p] != null) {
        left++;
        int partition = p;
        Consumer<PartitionResult> reply =
            result -> loop.post(() -> onResult(topic, partition, result));
        var append =
            new PartitionRequest.Append(
                null,
                request.getProducer(),
                request.getEpoch(),
                request.getSequence(),
                new Payload.Named(parts[p]),
                notNow, // its partition knows whether it is stored
                reply);
        if (!topic.partitions().get(p).offer(append)) {
          Fault refusal = topic.refusal(p, context.control().retryDelay());
          failure = notNow.orElse(refusal);
          left--;
        }
      }
    }
    settled(topic);
  }

  private void onResult(ServedTopic topic, int partition, PartitionResult result) {
    if (result instanceof PartitionResult.Stored stored) {
      context.meters().stored(topic.info().name(), stored.duplicate(), stored.readings());
      response.addParts(
          StoredPart.newBuilder().setPartition(partition).setReadings(stored.readings()));
      response.setDuplicate(stored.duplicate());
      for (DefinedSensor sensor : stored.bindings()) {
        response.addBindings(PublishResponseQueue.binding(sensor));
      }
    } else if (result instanceof PartitionResult.Rejected rejected) {
      context.meters().rejected(topic.info().name());
      failure = rejected.fault();
    } else if (result instanceof PartitionResult.Unknown unknown) {
      failure = unknown.notStored().orElse(unknown.fault());
    }
    settled(topic);
  }

  private void settled(ServedTopic topic) {
    if (--left > 0) {
      return;
    }
    drop();
    if (isClosed()) {
      return;
    }
    if (failure != null) {
      end(response.getPartsCount() == 0 ? failure : partly(failure));
      return;
    }
    String cursor = topic.headCursor().text();
    for (int i = 0; i < response.getPartsCount(); i++) {
      response.getPartsBuilder(i).setCursor(cursor);
    }
    answer(OutgoingMessage.of(response.build()));
  }

  /** Says which parts of a spanning batch are stored although another one is not. */
  private Fault partly(Fault fault) {
    StringBuilder stored = new StringBuilder();
    for (StoredPart part : response.getPartsList()) {
      stored.append(stored.isEmpty() ? "" : ",").append(part.getPartition());
    }
    return fault.with("stored_partitions", stored);
  }
}
