package dev.weir.client;

import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/** The checks of server addresses. Stateless. */
final class ServerAddressCheck {
  private static final int TARGETS_MAX = 64;
  private static final int TARGET_BYTES_MAX = 4_096;
  private static final Pattern HOST_PORT =
      Pattern.compile("([^\\s:/,\\[\\]]+|\\[[0-9A-Fa-f:.]+]):\\d{1,5}");

  private ServerAddressCheck() {}

  /** One target, or several addresses with commas between. */
  static List<String> of(String target) {
    Objects.requireNonNull(target, "target");
    // Targets of gRPC may have commas in them too: dns:///a, ipv4:1.2.3.4:5,6.7.8.9:10
    boolean list = target.contains(",") && !target.contains("/") && !target.startsWith("ipv");
    if (!list) {
      return List.of(target);
    }
    List<String> addresses = List.of(target.split(",", -1)).stream().map(String::strip).toList();
    for (String address : addresses) {
      if (!HOST_PORT.matcher(address).matches()) {
        throw OptionChecks.wrong("target", "\"" + target + "\"", "HOST:PORT,HOST:PORT,…");
      }
    }
    return addresses;
  }

  /** The targets, if they may be ones; the same one twice is one. */
  static List<String> checked(List<String> targets) {
    List<String> distinct = targets.stream().distinct().toList();
    OptionChecks.within("targets", distinct.size(), 1, TARGETS_MAX);
    distinct.forEach(target -> OptionChecks.utf8("target", target, 1, TARGET_BYTES_MAX));
    return distinct;
  }
}
