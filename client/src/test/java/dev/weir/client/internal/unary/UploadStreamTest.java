package dev.weir.client.internal.unary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.hash.Hashing;
import dev.weir.client.WeirException;
import dev.weir.client.internal.batch.UploadBatcher;
import dev.weir.client.internal.threads.ManualClientLoop;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.Reading;
import dev.weir.v1.UploadBatch;
import dev.weir.v1.UploadOpen;
import dev.weir.v1.UploadRequest;
import dev.weir.v1.UploadResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Uploads against a server that counts, or answers before everything was sent. */
class UploadStreamTest {
  private static final UploadOpen OPEN = UploadOpen.newBuilder().setTopic("t").build();

  private volatile Status failure;
  private volatile boolean answersAtOnce;
  private volatile boolean silent;
  private final ManualClientLoop loop = new ManualClientLoop();
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws Exception {
    String name = InProcessServerBuilder.generateName();
    server = InProcessServerBuilder.forName(name).addService(new Counting()).build().start();
    channel = InProcessChannelBuilder.forName(name).build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  @Test
  void batches_holdTheReadingsOfOnePartitionInOrderAndAreNumberedThere() {
    List<Reading> readings =
        IntStream.range(0, 30_000).mapToObj(i -> reading("s" + i % 7, i)).toList();
    List<UploadBatch> batches = batches(readings, 3, true);
    assertThat(batches).isEqualTo(batches(readings, 3, true));
    long[] last = new long[3];
    for (UploadBatch batch : batches) {
      assertThat(batch.getBatch().getRowsCount()).isBetween(1, 4_096);
      List<Integer> partitions =
          batch.getBatch().getRowsList().stream()
              .map(UploadStreamTest::partition)
              .distinct()
              .toList();
      assertThat(partitions).hasSize(1);
      assertThat(batch.getSequence()).isEqualTo(++last[partitions.get(0)]);
    }
    var bySensor =
        batches.stream()
            .flatMap(batch -> batch.getBatch().getRowsList().stream())
            .collect(Collectors.groupingBy(Reading::getSensor));
    assertThat(bySensor)
        .isEqualTo(readings.stream().collect(Collectors.groupingBy(Reading::getSensor)));
  }

  @Test
  void largeReadings_makeSmallBatches() {
    String text = "x".repeat(100_000);
    List<Reading> readings =
        IntStream.range(0, 5)
            .mapToObj(i -> Reading.newBuilder().setSensor("s").setText(text).build())
            .toList();
    assertThat(batches(readings, 1, false))
        .extracting(batch -> batch.getBatch().getRowsCount())
        .containsExactly(2, 2, 1);
    assertThat(batches(readings, 1, false)).allMatch(batch -> batch.getSequence() == 0);
  }

  @Test
  void upload_sendsEverythingAndGivesTheAnswer() {
    List<Reading> readings =
        IntStream.range(0, 50_000).mapToObj(i -> reading("s" + i % 5, i)).toList();
    UploadResponse response = UploadStream.run(channel, loop, OPEN, iterator(readings));
    assertThat(response.getReadings()).isEqualTo(50_000);
    assertThat(response.getCursor()).as("the topic of open").isEqualTo("t");
    assertThat(UploadStream.run(channel, loop, OPEN, iterator(List.of())).getReadings()).isZero();
  }

  @Test
  void serverThatFails_isAWeirException() {
    failure = Status.NOT_FOUND.withDescription("no such topic");
    assertThatThrownBy(() -> UploadStream.run(channel, loop, OPEN, endless()))
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.reason()).isEqualTo("NOT_FOUND"));
  }

  @Test
  void serverThatTakesNothing_isNotWaitedForForEver() throws Exception {
    silent = true;
    CompletableFuture<UploadResponse> upload =
        CompletableFuture.supplyAsync(
            () -> UploadStream.run(channel, loop, OPEN, iterator(List.of())));
    await()
        .until(
            () -> {
              loop.advance(UploadStream.STALL_MAX.toNanos()); // it waits more than once
              return upload.isDone();
            });
    assertThatThrownBy(upload::join)
        .cause()
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.reason()).isEqualTo("UNAVAILABLE"));
  }

  @Test
  void serverThatAnswersEarly_endsTheUpload() {
    answersAtOnce = true;
    assertThat(UploadStream.run(channel, loop, OPEN, endless()).getCursor()).isEqualTo("t");
  }

  @Test
  void readingsThatCannotBeRead_areTheCallersFailure() {
    Iterator<UploadBatch> broken =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            throw new IllegalStateException("the file broke off");
          }

          @Override
          public UploadBatch next() {
            throw new AssertionError();
          }
        };
    assertThatThrownBy(() -> UploadStream.run(channel, loop, OPEN, broken))
        .hasMessage("the file broke off");
  }

  private static List<UploadBatch> batches(
      List<Reading> readings, int partitionCount, boolean numbered) {
    List<UploadBatch> batches = new ArrayList<>();
    new UploadBatcher(readings.iterator(), partitionCount, numbered).forEachRemaining(batches::add);
    return batches;
  }

  private static Iterator<UploadBatch> iterator(List<Reading> readings) {
    return new UploadBatcher(readings.iterator(), 2, false);
  }

  private static Iterator<UploadBatch> endless() {
    return new UploadBatcher(
        IntStream.iterate(0, i -> i + 1).mapToObj(i -> reading("s", i)).iterator(), 1, false);
  }

  private static Reading reading(String sensor, int value) {
    return Reading.newBuilder().setSensor(sensor).setInteger(value).build();
  }

  private static int partition(Reading reading) {
    int hash =
        Hashing.murmur3_32_fixed(0).hashString(reading.getSensor(), StandardCharsets.UTF_8).asInt();
    return Integer.remainderUnsigned(hash, 3);
  }

  private final class Counting extends PublishServiceGrpc.PublishServiceImplBase {
    @Override
    public StreamObserver<UploadRequest> upload(StreamObserver<UploadResponse> to) {
      UploadResponse.Builder response = UploadResponse.newBuilder();
      return new StreamObserver<>() {
        @Override
        public void onNext(UploadRequest request) {
          if (request.hasOpen()) {
            response.setCursor(request.getOpen().getTopic());
          }
          if (failure != null) {
            to.onError(failure.asRuntimeException());
            failure = null;
          } else if (silent) {
            return;
          } else if (answersAtOnce) {
            onCompleted();
            answersAtOnce = false;
          }
          long readings = request.getBatch().getBatch().getRowsCount();
          response.setReadings(response.getReadings() + readings);
        }

        @Override
        public void onError(Throwable cause) {
          // The client broke the upload off.
        }

        @Override
        public void onCompleted() {
          if (silent) {
            return;
          }
          to.onNext(response.build());
          to.onCompleted();
        }
      };
    }
  }
}
