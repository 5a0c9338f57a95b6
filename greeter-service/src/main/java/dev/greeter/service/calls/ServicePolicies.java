package dev.greeter.service.calls;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which services are open, and what the calls of each kind may take.
 *
 * @param openServices full names of the services that answer without the secret
 * @param open for these: how large a request may be; the rest until the caller has shown the secret
 * @param guarded for all others
 */
public record ServicePolicies(Set<String> openServices, CallPolicy open, CallPolicy guarded) {

  /**
   * Tells whether a service answers without the secret.
   *
   * @param service full name of the service; null if the call names none
   */
  boolean isOpen(@Nullable String service) {
    return service != null && openServices.contains(service);
  }

  /**
   * Returns what a call may take.
   *
   * @param fullName of the method, as in {@code service/method}
   */
  CallPolicy ofMethod(String fullName) {
    // Not by a look-up, for which the name of the service would have to be cut out for each call.
    for (String service : openServices) {
      if (fullName.startsWith(service) && fullName.startsWith("/", service.length())) {
        return open;
      }
    }
    return guarded;
  }
}
