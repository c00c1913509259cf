/**
 * The Java client of Weir: publish readings and subscribe to them from a service of one's own.
 *
 * <p>Start with {@link dev.weir.client.WeirClient}. Everything public lives in this package; its
 * signatures mention only this package, the JDK and the generated messages of {@code dev.weir.v1}.
 * Options are immutable; {@link dev.weir.client.WeirClient}, {@link dev.weir.client.Publisher},
 * {@link dev.weir.client.SensorHandle} and {@link dev.weir.client.Subscriber} are thread-safe and
 * own nothing themselves: their state is owned inside {@code dev.weir.client.internal}. May depend
 * on the JDK, {@code dev.weir.v1} and {@code dev.weir.client.internal}.
 */
package dev.weir.client;
