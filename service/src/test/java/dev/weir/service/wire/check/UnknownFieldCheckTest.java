package dev.weir.service.wire.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.UnknownFieldSet;
import dev.weir.v1.Selector;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.Subscription;
import org.junit.jupiter.api.Test;

class UnknownFieldCheckTest {
  private static UnknownFieldSet field(int number) {
    return UnknownFieldSet.newBuilder()
        .addField(number, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
        .build();
  }

  @Test
  void knownMessage_hasNone() {
    var request =
        SubscribeRequest.newBuilder()
            .setAdd(
                Subscription.newBuilder()
                    .setTopic("t")
                    .setFormatValue(2)
                    .setSelector(Selector.newBuilder().addNames("a")))
            .build();
    assertThat(UnknownFieldCheck.find(request)).isEmpty();
    assertThat(UnknownFieldCheck.find(SubscribeRequest.getDefaultInstance())).isEmpty();
  }

  @Test
  void unknownRequest_isNamed() {
    var request = SubscribeRequest.newBuilder().setUnknownFields(field(5)).build();
    assertThat(UnknownFieldCheck.find(request)).hasValue("field 5");
  }

  @Test
  void unknownFieldDeepInside_isNamedWithItsPath() {
    var selector = Selector.newBuilder().setUnknownFields(field(3));
    var open =
        SubscribeOpen.newBuilder()
            .addSubscriptions(Subscription.newBuilder().setTopic("a"))
            .addSubscriptions(Subscription.newBuilder().setSelector(selector));
    assertThat(UnknownFieldCheck.find(SubscribeRequest.newBuilder().setOpen(open).build()))
        .hasValue("open.subscriptions[1].selector: field 3");
  }

  @Test
  void unknownEnumValue_isNamedWithItsPath() {
    var request =
        SubscribeRequest.newBuilder().setAdd(Subscription.newBuilder().setFormatValue(9)).build();
    assertThat(UnknownFieldCheck.find(request)).hasValue("add.format: value 9");
  }
}
