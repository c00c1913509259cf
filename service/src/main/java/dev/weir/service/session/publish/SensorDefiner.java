package dev.weir.service.session.publish;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.ProblemMessages;
import dev.weir.service.session.ServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.wire.names.DefinitionRules;
import dev.weir.v1.Define;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Refused;
import java.util.Optional;

/**
 * Has the sensors of a session's `define`s defined, and lets the session use their ids. What a
 * `define` takes is charged until all writers have answered, also when the session has ended. Owned
 * by the event loop.
 */
@OwnedBy("event loop")
final class SensorDefiner {
  /** Sends the answer to a message. */
  interface Answer {
    /**
     * Sends it.
     *
     * @param messageBytes of the message that it answers
     */
    void send(PublishStreamResponse.Builder answer, int messageBytes);
  }

  private final ServerContext context;
  private final Loop loop;
  private final PublishWindow window;
  private final BoundSensorIds bound;
  private final Answer answer;
  private boolean closed;

  SensorDefiner(
      ServerContext context, Loop loop, PublishWindow window, BoundSensorIds bound, Answer answer) {
    this.context = context;
    this.loop = loop;
    this.window = window;
    this.bound = bound;
    this.answer = answer;
  }

  /** Takes a `define` of so many bytes. Returns why not, if so; nothing of it is defined then. */
  Optional<Fault> take(Define define, ServedTopic topic, int bytes) {
    if (window.isOver()) {
      return Optional.of(context.noRoomToPublish(bytes));
    }
    if (bound.lackRoom()) {
      context.admission().budgets().sessions().refused();
      return Optional.of(context.sessionsFull());
    }
    long parsedBytes = DefinitionRules.memoryBytes(define.getSensorsList());
    window.lend(bytes, parsedBytes);
    PendingDefine.start(
        define,
        topic,
        context.batchLimits(),
        loop,
        context.control().retryDelay(),
        defined -> {
          window.takeBack(bytes, parsedBytes);
          onDefined(defined, bytes);
        });
    return Optional.empty();
  }

  private void onDefined(PendingDefine.Outcome outcome, int bytes) {
    if (closed) {
      return;
    }
    PublishStreamResponse.Builder response = PublishStreamResponse.newBuilder();
    if (bound.tryBind(outcome.bindings())) {
      response.setDefined(outcome.message());
    } else { // the session may not use their ids; they are the same when it asks again
      response.setRefused(
          Refused.newBuilder().setProblem(ProblemMessages.of(context.sessionsFull())));
    }
    answer.send(response, bytes);
  }

  /** The session has ended. */
  void close() {
    closed = true;
  }
}
