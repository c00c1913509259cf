package dev.weir.client.internal.publish;

import dev.weir.client.WeirException;
import dev.weir.client.internal.batch.BufferedSensor;
import dev.weir.client.internal.batch.PublishBuffer;
import dev.weir.client.internal.connection.Backoff;
import dev.weir.client.internal.connection.EncodedMessage;
import dev.weir.client.internal.connection.StreamingCall;
import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.common.OwnedBy;
import dev.weir.v1.Define;
import dev.weir.v1.Defined;
import dev.weir.v1.PublishLimits;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Sensor;
import dev.weir.v1.SensorBinding;
import dev.weir.v1.SensorProblem;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Defines a publisher's sensors in each session, in the order of their slots, many at once. Owned
 * by the sender, on the loop.
 */
@OwnedBy("loop")
final class SensorDefinitionSender {
  private static final int SENSORS_MAX = 4_096;

  /** Well below the least message size that a server may have. */
  private static final int BYTES_MAX = 256 * 1024;

  private final PublishBuffer intake;
  private final SensorBindings bindings;
  private final SendWindow window;
  private final ArrayDeque<Sent> sent = new ArrayDeque<>();

  private int sensorsMax = SENSORS_MAX;
  private int bytesMax = BYTES_MAX;
  private int replaySlots;
  private int nextSlot;
  private long nextId = 1;
  private boolean retry;
  private int retrySlot;
  private long retryAtNanos;

  /** A request that is not answered. */
  private record Sent(long id, List<BufferedSensor> sensors, int messageBytes) {}

  SensorDefinitionSender(PublishBuffer intake, SensorBindings bindings, SendWindow window) {
    this.intake = intake;
    this.bindings = bindings;
    this.window = window;
  }

  /** A new session: everything has to be defined again. */
  void enter(PublishLimits limits) {
    sent.clear();
    replaySlots = intake.sensorCount();
    nextSlot = 0;
    retry = false;
    if (limits.getBatchSensorsMax() > 0) {
      sensorsMax = Math.min(SENSORS_MAX, limits.getBatchSensorsMax());
    }
    if (limits.getMessageBytesMax() > 0) {
      bytesMax = Math.min(BYTES_MAX, limits.getMessageBytesMax());
    }
  }

  /**
   * Returns whether all sensors that replayed batches may name are bound or refused. Those made
   * since do not count: there may be new ones for ever.
   */
  boolean isReadyForReplay() {
    return nextSlot >= replaySlots
        && (!retry || retrySlot >= replaySlots)
        && sent.stream().noneMatch(request -> request.sensors().get(0).slot() < replaySlots);
  }

  /** Returns when to try again what the server could not define for now. */
  long retryAtNanos(long now, long otherwise) {
    return retry ? Math.max(retryAtNanos, now) : otherwise;
  }

  /** Sends one request if there is something to define and the window allows it. */
  boolean send(StreamingCall<PublishStreamResponse> link, long now) {
    if (retry && now - retryAtNanos >= 0) {
      retry = false;
      nextSlot = Math.min(nextSlot, retrySlot);
    }
    int count = intake.sensorCount();
    if (nextSlot >= count || !window.fits(0)) {
      return false;
    }
    List<BufferedSensor> batch = intake.sensors(nextSlot, Math.min(count, nextSlot + sensorsMax));
    Define.Builder define = Define.newBuilder().setId(nextId);
    int bytes = 0;
    int taken = 0;
    for (BufferedSensor sensor : batch) {
      Sensor definition = definition(sensor);
      bytes += definition.getSerializedSize() + 8;
      if (taken > 0 && bytes > bytesMax) {
        break;
      }
      define.addSensors(definition);
      taken++;
    }
    EncodedMessage message =
        EncodedMessage.of(PublishStreamRequest.newBuilder().setDefine(define).build());
    if (!window.fits(message.length())) {
      return false;
    }
    link.send(message);
    window.sent(message.length());
    sent.add(new Sent(nextId++, List.copyOf(batch.subList(0, taken)), message.length()));
    nextSlot += taken;
    return true;
  }

  private static Sensor definition(BufferedSensor sensor) {
    return Sensor.newBuilder()
        .setName(sensor.options().name())
        .setKind(sensor.options().kind())
        .setUnit(sensor.options().unit())
        .putAllLabels(sensor.options().labels())
        .build();
  }

  /**
   * Takes an answer.
   *
   * @param stopped hears of sensors whose partition takes nothing before a restart; they stay
   *     undefined in this session
   */
  void onDefined(
      Defined defined,
      long now,
      Backoff backoff,
      BiConsumer<BufferedSensor, WeirException> stopped) {
    Sent request = take(defined.getId());
    if (request == null) {
      return;
    }
    window.settled(request.messageBytes());
    Map<String, BufferedSensor> asked = new HashMap<>();
    request.sensors().forEach(sensor -> asked.put(sensor.options().name(), sensor));
    for (SensorBinding binding : defined.getBindingsList()) {
      BufferedSensor sensor = asked.remove(binding.getName());
      if (sensor != null) {
        sensor.accept();
        bindings.bind(sensor.slot(), binding.getId());
      }
    }
    for (SensorProblem problem : defined.getProblemsList()) {
      BufferedSensor sensor = request.sensors().get(problem.getIndex());
      asked.remove(sensor.options().name());
      WeirException cause = ErrorTranslator.of(problem.getProblem());
      if (StoppedPartitions.isCauseOf(cause)) {
        stopped.accept(sensor, cause);
      } else {
        onProblem(sensor, cause, now, backoff);
      }
    }
    for (BufferedSensor sensor : asked.values()) {
      onProblem(sensor, ErrorTranslator.internal("`defined` leaves out a sensor"), now, backoff);
    }
  }

  private Sent take(long id) {
    for (Sent request : sent) {
      if (request.id() == id) {
        sent.remove(request);
        return request;
      }
    }
    return null;
  }

  private void onProblem(BufferedSensor sensor, WeirException cause, long now, Backoff backoff) {
    if (bindings.idOf(sensor.slot()) >= 0) {
      return; // asked for again only because a neighbour was refused for now
    }
    if (cause.retryDelay().isPresent()) {
      retrySlot = retry ? Math.min(retrySlot, sensor.slot()) : sensor.slot();
      retryAtNanos = now + backoff.nextNanos(cause.retryDelay().get().toNanos());
      retry = true;
    } else {
      sensor.refuse(cause);
      bindings.refuse(sensor.slot());
    }
  }
}
