/** When a subscription that cannot keep up overflows, and where it goes on. Pure rules. */
package dev.weir.service.core.overflow;
