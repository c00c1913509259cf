/**
 * Credit of a subscription: absolute totals that only grow. State belongs to the subscription that
 * holds it; depends on the JDK only.
 */
package dev.weir.service.core.credit;
