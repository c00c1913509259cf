package dev.weir.it.contract;

import static dev.weir.it.contract.harness.TestBatches.rows;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawUpload;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.v1.Batch;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.CreateTopicRequest;
import dev.weir.v1.GetTopicRequest;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.Topic;
import io.grpc.Channel;
import io.grpc.Status;
import java.util.Optional;

/** The calls that store something, each of them one thing. Stateless. */
enum StoringCall {
  PUBLISH_WITH_SEQUENCE(true) {
    @Override
    Attempt begin(TestTopic topic, Channel channel) {
      return () -> CallFailure.by(() -> publish(channel, numbered(topic)));
    }

    @Override
    Optional<Boolean> repeat(TestTopic topic) {
      return Optional.of(topic.writer().publish(numbered(topic)).getDuplicate());
    }
  },

  PUBLISH_WITHOUT_SEQUENCE(true) {
    @Override
    Attempt begin(TestTopic topic, Channel channel) {
      PublishRequest request = numbered(topic).toBuilder().clearProducer().clearSequence().build();
      return () -> CallFailure.by(() -> publish(channel, request));
    }

    @Override
    Optional<Boolean> repeat(TestTopic topic) {
      return Optional.empty(); // it would be stored twice
    }
  },

  UPLOAD(false) {
    @Override
    Attempt begin(TestTopic topic, Channel channel) {
      RawUpload upload = new RawUpload(topic, channel, PRODUCER);
      return () -> upload.send(1, batch(topic)).awaitEnd();
    }

    @Override
    Optional<Boolean> repeat(TestTopic topic) {
      var answer = new RawUpload(topic, PRODUCER).send(1, batch(topic)).finish();
      assertThat(answer.getBatches() + answer.getDuplicates()).isEqualTo(1);
      assertThat(answer.getLastSequences(0).getLastSequence()).isEqualTo(1);
      return Optional.of(answer.getDuplicates() == 1);
    }
  },

  PUBLISH_STREAM(false) {
    @Override
    Attempt begin(TestTopic topic, Channel channel) {
      RawPublishSession session = topic.publisherOn(channel);
      session.open(PRODUCER, 0);
      return () -> {
        session.send(0, 1, batch(topic));
        return session.responses().awaitEnd();
      };
    }

    /** A new session asks where it stands, and sends what is missing. */
    @Override
    Optional<Boolean> repeat(TestTopic topic) {
      RawPublishSession session = topic.publisher();
      long last = session.open(PRODUCER, 1).getLastSequences(0).getLastSequence();
      if (last == 0) {
        session.send(0, 1, batch(topic));
        session.responses().await("ack", response -> response.hasAck());
      }
      return Optional.of(last == 1);
    }
  },

  CREATE_TOPIC(true) {
    @Override
    Attempt begin(TestTopic topic, Channel channel) {
      return () ->
          CallFailure.by(
              () -> CatalogServiceGrpc.newBlockingStub(channel).createTopic(creation(topic)));
    }

    @Override
    Optional<Boolean> repeat(TestTopic topic) {
      topic.server().catalog().createTopic(creation(topic));
      return Optional.empty(); // its answer is the same either way
    }

    @Override
    int timesStored(TestTopic topic) {
      GetTopicRequest asked = GetTopicRequest.newBuilder().setName(created(topic)).build();
      try {
        return topic.server().catalog().getTopic(asked).hasTopic() ? 1 : 0;
      } catch (io.grpc.StatusRuntimeException none) {
        assertThat(none.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        return 0;
      }
    }
  };

  private static final String PRODUCER = "p";
  private static final int READINGS = 3;

  private final boolean unary;

  StoringCall(boolean unary) {
    this.unary = unary;
  }

  /** A call that is open and has yet to send what is to be stored. */
  interface Attempt {
    /** Sends it, and waits for the end of the call. */
    CallFailure finish();
  }

  /** Returns whether the server bounds the time of the call. */
  boolean isUnary() {
    return unary;
  }

  /** Opens the call on a channel with a deadline. */
  abstract Attempt begin(TestTopic topic, Channel channel);

  /**
   * Makes the call again; returns whether the answer reports that it was stored before, or empty
   * where no answer does.
   */
  abstract Optional<Boolean> repeat(TestTopic topic);

  /** Returns how often the batch is stored; fails where only a part of it is. */
  int timesStored(TestTopic topic) {
    int stored = topic.stored().size();
    assertThat(stored % READINGS)
        .as("%d readings are stored, so a batch is halved", stored)
        .isZero();
    return stored / READINGS;
  }

  static Batch batch(TestTopic topic) {
    return rows(topic.sensor(0, 0), 1, 2, 3);
  }

  static PublishRequest numbered(TestTopic topic) {
    return PublishRequest.newBuilder()
        .setTopic(topic.name())
        .setProducer(PRODUCER)
        .setSequence(1)
        .setBatch(batch(topic))
        .build();
  }

  private static void publish(Channel channel, PublishRequest request) {
    assertThat(PublishServiceGrpc.newBlockingStub(channel).publish(request)).isNull();
  }

  private static String created(TestTopic topic) {
    return topic.name() + "-new";
  }

  private static CreateTopicRequest creation(TestTopic topic) {
    return CreateTopicRequest.newBuilder()
        .setTopic(Topic.newBuilder().setName(created(topic)))
        .build();
  }
}
