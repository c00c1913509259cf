package dev.weir.common;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Names the one owner whose thread may touch a class's state. See docs/threading.md. */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface OwnedBy {
  /** The owner, as docs/threading.md names it, such as "partition writer". */
  String value();
}
