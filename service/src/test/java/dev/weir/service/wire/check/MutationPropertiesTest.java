package dev.weir.service.wire.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.service.core.Slice;
import dev.weir.service.wire.protobuf.PublishEnvelope;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.PublishBatch;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.SubscribeRequest;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Bytes from the network are anything: nothing throws, and what is accepted is what it seems. */
class MutationPropertiesTest {
  private static final BatchLimits LIMITS = new BatchLimits(100_000, 4_096);

  @Property(tries = 20_000)
  void mutatedBatch_isAcceptedOnlyIfItParsesToTheSameReadings(@ForAll long seed)
      throws InvalidProtocolBufferException {
    var random = new Random(seed);
    Slice bytes = mutated(new RandomBatches(seed).columns(true).toByteArray(), random);
    if (BatchCheck.check(bytes, RandomBatches.KINDS, LIMITS)
        instanceof BatchCheckResult.Canonical canonical) {
      assertSays(bytes, canonical);
    }
  }

  @Property(tries = 20_000)
  void mutatedBatch_isRecodedOnlyIfItParses(@ForAll long seed)
      throws InvalidProtocolBufferException {
    var random = new Random(seed);
    Slice bytes = mutated(new RandomBatches(seed).any().toByteArray(), random);
    if (BatchRecoder.decode(bytes, RandomBatches.KINDS, 0, LIMITS) instanceof NamedBatch named) {
      Batch parsed = Batch.parseFrom(bytes.toBytes());
      assertThat(named.readings())
          .isEqualTo(GeneratedBatchReader.of(parsed, 0, id -> "#" + id).size());
      assertThat(UnknownFieldCheck.find(parsed)).isEmpty();
    }
  }

  @Property(tries = 20_000)
  void checkAndRecoder_agreeOnEveryMutation(@ForAll long seed) {
    var random = new Random(seed);
    Slice bytes = mutated(new RandomBatches(seed).columns(true).toByteArray(), random);
    BatchCheckResult checked = BatchCheck.check(bytes, RandomBatches.KINDS, LIMITS);
    RecodeResult recoded = BatchRecoder.decode(bytes, RandomBatches.KINDS, 0, LIMITS);
    if (checked instanceof BatchCheckResult.Canonical) {
      assertThat(recoded).isInstanceOf(NamedBatch.class);
    } else if (checked instanceof InvalidBatch bad) {
      assertThat(recoded).isInstanceOf(InvalidBatch.class);
      assertThat(((InvalidBatch) recoded).fault().code()).isEqualTo(bad.fault().code());
      assertThat(((InvalidBatch) recoded).rows()).isEqualTo(bad.rows());
    }
  }

  /** Ids 0 to 999 are of one kind, some others too. */
  @Property(tries = 20_000)
  void idsKnownToBeAlike_changeNoVerdict(@ForAll long seed) {
    var random = new Random(seed);
    SensorKinds each = id -> id >= 0 && id < 1_000 ? 1 : Math.floorMod(id, 3);
    SensorKinds alike =
        new SensorKinds() {
          @Override
          public int kindOf(int sensorId) {
            return each.kindOf(sensorId);
          }

          @Override
          public Range alike() {
            return new Range(1, random.nextInt(1_000), 1_000);
          }
        };
    var columns = Columns.newBuilder().setCount(2 + random.nextInt(100)).setTimeBase(1);
    boolean ofOtherKind = random.nextInt(4) == 0;
    for (int i = 0; i < columns.getCount(); i++) {
      boolean other = random.nextInt(100) == 0;
      columns.addSensorIds(other ? random.nextInt() : (random.nextInt(4) * 300 + i) % 1_000);
      if (ofOtherKind) {
        columns.addIntegers(i);
      } else {
        columns.addDoubles(i);
      }
    }
    Slice bytes = mutated(Batch.newBuilder().addColumns(columns).build().toByteArray(), random);
    assertThat(BatchCheck.check(bytes, alike, LIMITS))
        .isEqualTo(BatchCheck.check(bytes, each, LIMITS));
  }

  @Property(tries = 5_000)
  void mutatedEnvelope_isReadOnlyAsTheGeneratedParserReadsIt(@ForAll long seed)
      throws InvalidProtocolBufferException {
    var random = new Random(seed);
    var request =
        PublishStreamRequest.newBuilder()
            .setBatch(
                PublishBatch.newBuilder()
                    .setPartition(random.nextInt(64))
                    .setSequence(random.nextLong())
                    .setBatch(new RandomBatches(seed).rows()));
    Slice message = mutated(request.build().toByteArray(), random);
    var envelope = PublishEnvelope.parse(message);
    if (envelope != null
        && MessageBytesCheck.check(Batch.getDescriptor(), envelope.batch(), "").isEmpty()) {
      PublishBatch parsed = PublishStreamRequest.parseFrom(message.toBytes()).getBatch();
      assertThat(parsed.getPartition()).isEqualTo(envelope.partition());
      assertThat(parsed.getSequence()).isEqualTo(envelope.sequence());
      assertThat(parsed.getBatch()).isEqualTo(Batch.parseFrom(envelope.batch().toBytes()));
    }
  }

  @Property(tries = 5_000)
  void randomBytes_passTheWireCheckOnlyIfTheyParseWithoutUnknowns(@ForAll byte[] bytes)
      throws InvalidProtocolBufferException {
    if (MessageBytesCheck.check(SubscribeRequest.getDescriptor(), Slice.of(bytes), "").isEmpty()) {
      assertThat(UnknownFieldCheck.find(SubscribeRequest.parseFrom(bytes))).isEmpty();
    }
  }

  private static void assertSays(Slice bytes, BatchCheckResult.Canonical canonical)
      throws InvalidProtocolBufferException {
    Batch parsed = Batch.parseFrom(bytes.toBytes());
    var rows = GeneratedBatchReader.of(parsed, 0, id -> "#" + id);
    var times = rows.stream().mapToLong(GeneratedBatchReader.Row::timeNanos).summaryStatistics();
    assertThat(parsed.getUnknownFields().asMap()).isEmpty();
    assertThat(canonical)
        .isEqualTo(
            new BatchCheckResult.Canonical(
                rows.size(), times.getMin(), times.getMax(), parsed.getTraceparent()));
    assertThat(parsed.getColumnsList())
        .allSatisfy(columns -> assertThat(columns.getUnknownFields().asMap()).isEmpty());
  }

  /** Up to three changes, inside an array that has other bytes on both sides. */
  private static Slice mutated(byte[] original, Random random) {
    byte[] bytes = original;
    for (int i = random.nextInt(4); i > 0 && bytes.length > 0; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes = Arrays.copyOf(bytes, at);
        default -> bytes = inserted(bytes, at, (byte) random.nextInt(256));
      }
    }
    byte[] padded = new byte[bytes.length + 20];
    random.nextBytes(padded);
    System.arraycopy(bytes, 0, padded, 10, bytes.length);
    return new Slice(padded, 10, bytes.length);
  }

  private static byte[] inserted(byte[] bytes, int at, byte added) {
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
    longer[at] = added;
    return longer;
  }
}
