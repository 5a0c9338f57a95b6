package dev.greeter.cli;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.context.MessageSourceResolvable;
import org.springframework.context.NoSuchMessageException;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.stereotype.Component;

/** Disables message translation. Spring Framework 7.0's own source lists all JVM locales first. */
@Component(AbstractApplicationContext.MESSAGE_SOURCE_BEAN_NAME)
final class NoOpMessageSource implements MessageSource {

  @Override
  public @Nullable String getMessage(
      String code,
      Object @Nullable [] args,
      @Nullable String defaultMessage,
      @Nullable Locale locale) {
    return defaultMessage;
  }

  @Override
  public String getMessage(String code, Object @Nullable [] args, @Nullable Locale locale) {
    throw new NoSuchMessageException(code);
  }

  @Override
  public String getMessage(MessageSourceResolvable resolvable, @Nullable Locale locale) {
    throw new NoSuchMessageException(String.valueOf(resolvable));
  }
}
