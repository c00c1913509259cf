package dev.weir.service.wire.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.v1.Selector;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.Subscription;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EntryLimitsTest {
  private static final EntryLimits<Integer> LIMITS =
      new EntryLimits<>(
          SubscribeRequest.getDescriptor(),
          Map.of(
              SubscribeOpen.getDescriptor().findFieldByName("subscriptions"),
              3,
              Selector.getDescriptor().findFieldByName("names"),
              2));

  private static EntryLimits.Counted count(byte[] message) {
    return LIMITS.count(Slice.of(message), most -> most, most -> "limit_" + most, "");
  }

  private static SubscribeRequest open(int subscriptions, int namesEach) {
    SubscribeOpen.Builder open = SubscribeOpen.newBuilder();
    for (int i = 0; i < subscriptions; i++) {
      Subscription.Builder subscription = Subscription.newBuilder();
      for (int n = 0; n < namesEach; n++) {
        subscription.getSelectorBuilder().addNames("");
      }
      open.addSubscriptions(subscription);
    }
    return SubscribeRequest.newBuilder().setOpen(open).build();
  }

  @Test
  void asManyAsThereMayBe_arePermitted_inEachMessageOfAList() {
    assertThat(count(open(3, 2).toByteArray()).refusal()).isEmpty();
  }

  @Test
  void more_areOneFault_thatNamesTheFieldTheLimitAndBothNumbers() {
    assertThat(count(open(450_000, 0).toByteArray()).refusal())
        .hasValueSatisfying(
            fault -> {
              assertThat(fault.code()).isEqualTo(ErrorCode.TOO_LARGE);
              assertThat(fault.violations()).hasSize(1);
              assertThat(fault.violations().get(0).field()).isEqualTo("open.subscriptions");
              assertThat(fault.message()).contains("450000", "3", "limit_3");
            });
  }

  @Test
  void moreInAMessageOfAList_areFound() {
    assertThat(count(open(2, 7).toByteArray()).refusal())
        .hasValueSatisfying(
            fault -> assertThat(fault.message()).contains("selector.names", "7", "limit_2"));
  }

  @Test
  void messagesThatTheParserMerges_areCountedTogether() {
    ByteString twice = open(2, 0).toByteString().concat(open(2, 0).toByteString());
    assertThat(count(twice.toByteArray()).refusal()).isPresent();
  }

  @Test
  void whatItTakesOnTheHeap_growsWithTheObjects_notOnlyWithTheBytes() {
    long empty = count(open(3, 2).toByteArray()).parsedBytes();
    assertThat(empty).isGreaterThan(64L * 9);
    byte[] unknown = new byte[100_000]; // field 1,000 again and again: it is kept as well
    for (int i = 0; i + 3 <= unknown.length; i += 3) {
      unknown[i] = (byte) 0xC0;
      unknown[i + 1] = 0x3E;
      unknown[i + 2] = 1;
    }
    unknown[99_999] = 8;
    assertThat(count(unknown).parsedBytes()).isGreaterThan(320L * 30_000);
  }

  @Test
  void numbersThatAreKnown_areNotChargedLikeUnknownFields() {
    SubscribeRequest numbers =
        SubscribeRequest.newBuilder()
            .setAdd(Subscription.newBuilder().setId(1).setModeValue(1).setFormatValue(1))
            .build();
    assertThat(count(numbers.toByteArray()).parsedBytes()).isLessThan(320);
  }

  @Test
  void groups_areRefusedAtTheFirst_whereverTheyAre_becauseTheParserWouldKeepEach() {
    byte[] nested = new byte[2_000];
    Arrays.fill(nested, 0, 1_000, (byte) 0x7B); // field 15 begins
    Arrays.fill(nested, 1_000, 2_000, (byte) 0x7C); // and ends
    assertThat(count(nested).refusal())
        .hasValueSatisfying(
            fault -> {
              assertThat(fault.code()).isEqualTo(ErrorCode.UNIMPLEMENTED);
              assertThat(fault.message()).contains("field 15", "group");
            });
    byte[] many = new byte[1 << 20]; // as deep as the parser reads, again and again
    for (int i = 0; i < many.length; i++) {
      many[i] = (byte) (i % 198 < 99 ? 0x7B : 0x7C);
    }
    assertThat(count(many).refusal()).isPresent();
    assertThat(count(new byte[] {0x0A, 2, 0x7B, 0x7C}).refusal())
        .hasValueSatisfying(fault -> assertThat(fault.message()).startsWith("open: field 15"));
    assertThat(count(new byte[] {0x0B, 0x0C}).refusal()).as("of a known number").isPresent();
  }

  @Test
  void whatIsMalformed_isTheParsersToSay() {
    assertThat(count(new byte[] {10, 100, 1}).refusal()).isEmpty();
  }

  @Test
  void tooManyBeforeABrokenEnd_areFound_becauseTheParserWouldMakeAllOfThem() {
    byte[] whole = open(450_000, 0).toByteArray();
    whole[whole.length - 1] = 100; // the last subscription would be that long
    assertThat(count(whole).refusal()).isPresent();
  }
}
