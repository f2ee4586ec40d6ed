package org

import "strconv"

var serviceNames = []string{
	"checkout", "payments", "search", "catalog", "accounts", "shipping", "invoices", "notifications",
	"storefront", "inventory", "pricing", "recommendations", "reviews", "returns", "gateway", "sessions",
	"mobile-api", "warehouse", "ledger", "fraud", "loyalty", "exports", "imports", "media",
	"messaging", "calendar", "reports", "tracking", "routing", "quotes", "contracts", "payouts",
	"taxes", "ads", "feeds", "maps", "audit", "backoffice", "partners", "subscriptions",
	"vouchers", "wallet", "support", "identity", "scheduler", "archive", "telemetry", "configurator",
	"orders", "baskets", "delivery-slots", "suppliers", "forecasts", "labels", "images", "translations",
}

// serviceName names the n-th service; beyond the list they are numbered.
func serviceName(n int) string {
	name := serviceNames[n%len(serviceNames)]
	if again := n / len(serviceNames); again > 0 {
		name += "-" + strconv.Itoa(again+1)
	}
	return name
}

var teamNames = []string{
	"storefront", "money", "logistics", "platform", "discovery", "growth", "customers", "partners", "data", "mobile",
	"insights", "trust", "delivery", "content",
}

func teamName(n int) string {
	name := teamNames[n%len(teamNames)]
	if again := n / len(teamNames); again > 0 {
		name += "-" + strconv.Itoa(again+1)
	}
	return name
}

var moduleNames = []string{
	"cart", "billing", "coupons", "address", "history", "export", "session", "limits", "retry", "rounding",
	"stock", "ranking", "index", "cache", "webhook", "mailer", "scheduler", "auth", "profile", "audit",
	"refunds", "receipts", "currency", "quota", "importer", "batch", "events", "filters", "sync", "pdf",
}

var alertNames = []string{
	"error rate above 1 %", "p95 above 800 ms", "queue older than 5 minutes", "disk above 85 %", "memory above 90 %",
	"replica lag above 30 s", "certificate expires in 20 days", "no orders for 10 minutes", "CPU above 90 %", "cache hits below 60 %",
}
