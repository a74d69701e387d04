-- SPDX-License-Identifier: Apache-2.0
-- SetupPolicyScript of an OpenDKIM on Khatm's last hop. There every message comes from loopback, what strangers sent and an
-- alias sends on included, and OpenDKIM would sign whatever bears our name in From. Here it signs what came in by a login:
-- the newest Received field, which our own Postfix wrote, says "with ESMTPSA" or "with ESMTPA" (RFC 3848).
local received = odkim.get_header(ctx, "Received", 0)
if not received or not string.find(received, "%swith%s+ESMTPS?A%s") then
    odkim.set_result(ctx, SMFIS_ACCEPT)
end
return nil
