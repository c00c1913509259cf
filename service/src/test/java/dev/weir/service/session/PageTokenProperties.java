package dev.weir.service.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.core.fault.FaultException;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.NumericChars;
import net.jqwik.api.constraints.StringLength;

/** Tokens of pages, and what is none. */
class PageTokenProperties {
  private static final String LIST = "ListTopics";

  @Property
  void anyPlace_comesBack_toItsListOnly(@ForAll @StringLength(min = 1, max = 128) String place) {
    Assume.that(
        place.equals(new String(place.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)));
    String token = PageToken.of(LIST, place);
    assertThat(PageToken.place(LIST, token)).isEqualTo(place);
    assertThatThrownBy(() -> PageToken.place("ListSensors", token))
        .isInstanceOf(FaultException.class)
        .hasMessageContaining("is not a next_page_token of ListSensors");
  }

  @Property
  void anyOtherText_isRefused(
      @ForAll @AlphaChars @NumericChars @StringLength(min = 1, max = 40) String text) {
    assertThatThrownBy(() -> PageToken.place(LIST, text)).isInstanceOf(FaultException.class);
  }
}
