package dev.weir.faultinjection;

import dev.weir.service.app.fault.FaultInjector;
import dev.weir.service.app.fault.ServerFaults;
import java.util.List;

/** Makes the faults of this module by their words. Stateless. */
public final class FaultOptionInjector implements FaultInjector {
  @Override
  public ServerFaults faults(List<String> words) {
    return InjectedFaults.of(words);
  }
}
