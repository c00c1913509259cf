package dev.weir.service.session.subscribe;

import com.google.common.base.Utf8;
import dev.weir.service.catalog.SensorGlobSyntax;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.wire.names.SensorNameRule;
import dev.weir.v1.Selector;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The rules of a selector. Stateless. */
final class SelectorCheck {
  private SelectorCheck() {}

  /** Returns what is wrong with a selector, if anything. */
  static Optional<Fault> check(String field, Selector selector, Limits limits) {
    boolean some = selector.getNamesCount() > 0 || selector.getGlobsCount() > 0;
    if (!selector.getAll() && !some && selector.getLabelsCount() == 0) {
      return Optional.of(
          Fault.field(
              ErrorCode.EMPTY_SELECTOR,
              field,
              "selects nothing (expected `all: true`, `names`, `globs` or `labels`)"));
    }
    return SubscriptionCheck.first(
        () ->
            SubscriptionCheck.require(
                !selector.getAll() || !some,
                field,
                "has both all and names or globs (expected one)"),
        () -> few(field + ".names", selector.getNamesCount(), Limit.SELECTOR_NAMES_MAX, limits),
        () -> few(field + ".globs", selector.getGlobsCount(), Limit.SELECTOR_GLOBS_MAX, limits),
        () -> few(field + ".labels", selector.getLabelsCount(), Limit.LABELS_MAX, limits),
        () -> each(field + ".names", selector.getNamesList(), SensorNameRule::check),
        () -> each(field + ".globs", selector.getGlobsList(), SensorGlobSyntax::check),
        () -> labels(field + ".labels", selector.getLabelsMap(), limits));
  }

  private static Optional<Fault> few(String field, int count, Limit limit, Limits limits) {
    int max = limits.getInt(limit);
    return count <= max
        ? Optional.empty()
        : Optional.of(
            Fault.field(
                ErrorCode.TOO_LARGE,
                field,
                "has " + count + " entries, more than " + limits.told(limit)));
  }

  private static Optional<Fault> each(
      String field, List<String> texts, Function<String, Optional<String>> check) {
    for (int i = 0; i < texts.size(); i++) {
      Optional<String> wrong = check.apply(texts.get(i));
      if (wrong.isPresent()) {
        return Optional.of(Fault.invalid(field + "[" + i + "]", wrong.get()));
      }
    }
    return Optional.empty();
  }

  private static Optional<Fault> labels(String field, Map<String, String> labels, Limits limits) {
    int keyMax = limits.getInt(Limit.LABEL_KEY_BYTES_MAX);
    int valueMax = limits.getInt(Limit.LABEL_VALUE_BYTES_MAX);
    for (Map.Entry<String, String> label : labels.entrySet()) {
      int keyBytes = Utf8.encodedLength(label.getKey());
      if (keyBytes < 1 || keyBytes > keyMax || Utf8.encodedLength(label.getValue()) > valueMax) {
        return Optional.of(
            Fault.invalid(
                field,
                "can never match: no label has such a key or value (keys 1 to "
                    + keyMax
                    + " bytes, values at most "
                    + valueMax
                    + ")"));
      }
    }
    return Optional.empty();
  }
}
